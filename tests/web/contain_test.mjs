// Containment on the page, on a real mail system: from a finding to a plan, approved, applied, proven, undone.
//
//   node tests/web/contain_test.mjs build/release/digue [--shots DIR]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attackedMail, attacker, password, victim } from '../integration/attack.mjs';
import { MailServers } from '../integration/mail_servers.mjs';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: contain_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium() || MailServers.skipped) {
  skip('containment on the page', MailServers.skipped || 'no Chromium on this machine');
  process.exit(close());
}

const { mail } = await attackedMail();
const server = await startServer(program);
const session = await open(new URL(server.link).origin);
const page = await session.newPage();
const api = (method, path, body) => page.evaluate(([m, p, b]) => fetch(`./api/v1${p}`, {
  method: m, headers: { 'X-Digue-Request': '1', 'Content-Type': typeof b === 'string' ? 'application/octet-stream' : 'application/json' }, body: b === null ? undefined : typeof b === 'string' ? b : JSON.stringify(b),
}).then((answer) => answer.json()), [method, path, body ?? null]);
const looksAt = async (name, part = page.locator('#action-1\\.a')) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  for (const width of [1360, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(300);
    await part.screenshot({ path: join(shots, `${name}-${width}.png`) });
  }
  await page.setViewportSize({ width: 1360, height: 900 });
};

try {
  await page.goto(server.link);
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  const { id } = await api('POST', '/incidents', { title: 'Boîte compromise', description: '', confirmed: true, exercise: false });
  await api('POST', `/incidents/${id}/accounts`, { account: victim, reason: 'signalée' });
  for (const [name, kind, secrets] of [['messagerie', 'dovecot', { api_key: 'test-api-key' }], ['envoi', 'postfix', {}]])
    await api('PUT', `/connectors/${name}`, { kind, settings: mail.settings(kind), secrets });
  for (const log of ['dovecot.log', 'mail.log']) await api('POST', `/incidents/${id}/exhibits?name=${log}`, mail.log(log));
  await api('POST', `/incidents/${id}/analyses`, {});
  const proposed = async () => (await api('GET', `/incidents/${id}/proposals`)).some((one) => one.capability === 'account.block' && one.account === victim);
  for (let i = 0; i < 600 && !(await proposed()); i += 1) await page.waitForTimeout(100);
  expect(await proposed(), 'the story proposes nothing for the victim');
  await goTo(page, `#/incident/${id}/plan?action=1.a`);
  const action = page.locator('#action-1\\.a');
  await action.waitFor();
  await action.locator('details').first().evaluate((node) => { node.open = true; });
  const back = async () => {
    await goTo(page, `#/incident/${id}/plan?action=1.a`);
    await action.locator('details').first().evaluate((node) => { node.open = true; });
  };
  const card = () => action.locator('article.operation').first();

  await check('containment: a proposal with its evidence becomes a plan that says its effects and changes nothing', async () => {
    const proposal = action.locator('form.proposal').first();
    await proposal.getByText(victim).first().waitFor();
    await proposal.getByRole('link', { name: 'Voir les constats' }).waitFor();
    await sound(page, session.troubles);
    await looksAt('proposal');
    await proposal.getByLabel('Plateforme').selectOption('messagerie');
    await proposal.getByRole('button', { name: 'Établir le plan' }).click();
    await card().getByText('planifiée', { exact: true }).waitFor();
    await card().getByText('Effet sur', { exact: false }).first().waitFor();
    const still = await mail.signIn(victim, password, attacker);
    expect(still, 'the plan changed something');
    still.close();
    await sound(page, session.troubles);
    await looksAt('planned');
    // A colleague who opens the incident sees that something waits, and where.
    await goTo(page, `#/incident/${id}/situation`);
    const waits = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Opérations à suivre' }) });
    await waits.getByText('reste à approuver', { exact: false }).waitFor();
    await sound(page, session.troubles);
    await looksAt('pending', waits);
    await waits.getByRole('link', { name: 'Bloquer le compte' }).click();
    await action.getByText('1 opération à suivre').waitFor();
    await back();
  });

  await check('containment: approved, it is applied, and every protocol is seen to refuse', async () => {
    await card().getByRole('button', { name: 'Approuver et appliquer' }).click();
    await card().getByText('vérifiée', { exact: true }).waitFor({ timeout: 60_000 });
    // Who does not see is told, and stays where they were.
    await card().getByRole('status').filter({ hasText: /^Bloquer le compte\s: vérifiée$/ }).waitFor();
    expect(await card().getByRole('status').getByRole('button').count() === 0, 'buttons are announced');
    expect(await card().evaluate((node) => node === document.activeElement), 'the focus is lost');
    for (const what of ['IMAP', 'POP3', 'ManageSieve', 'submission']) await card().getByRole('rowheader', { name: new RegExp(what) }).first().waitFor();
    expect((await mail.signIn(victim, password, attacker)) === null, 'the attacker is still in');
    await sound(page, session.troubles);
    await looksAt('verified');
    await goTo(page, `#/incident/${id}/story?section=accounts`);
    const told = page.locator('li.account').filter({ hasText: victim });
    await told.getByText('Fermé', { exact: true }).waitFor();
    await told.getByText('(messagerie, prouvé', { exact: false }).waitFor();
    const open = await told.locator('p').filter({ has: page.getByText('Reste ouvert', { exact: true }) }).innerText();
    expect(open.includes('Bloquer le compte (envoi)') && open.includes('Réinitialiser le mot de passe (messagerie)'), open);
    await sound(page, session.troubles);
    await looksAt('story', told);
    await back();
  });

  await check('containment: it is taken back with its reason, and the old state is there again', async () => {
    await card().getByRole('button', { name: 'Annuler…' }).click();
    await card().getByLabel('Pourquoi annuler').fill('Doute levé avec la titulaire');
    await card().getByRole('button', { name: 'Planifier l’annulation' }).click();
    await card().getByText('Annulation', { exact: false }).first().waitFor();
    await page.locator('article.operation:focus').waitFor();
    await card().getByRole('button', { name: 'Approuver et appliquer' }).click();
    await action.getByText('annulée sur la plateforme', { exact: true }).waitFor({ timeout: 60_000 });
    await card().getByText('vérifiée', { exact: true }).waitFor();
    expect(await card().getByRole('button', { name: 'Annuler…' }).count() === 0, 'an undo is to be undone');
    const back = await mail.signIn(victim, password, '192.0.2.12');
    expect(back, 'the owner is still out');
    back.close();
    await sound(page, session.troubles);
    await looksAt('undone');
  });

  await check('containment: an address of another house is not taken for a name here; who knows the name gives it', async () => {
    await api('POST', '/establishments', { name: 'CHU', own_domains: ['chu.test'], own_ranges: [] });
    const { changed } = (await api('GET', '/connectors')).find((one) => one.name === 'messagerie');
    await api('PUT', '/connectors/messagerie', { kind: 'dovecot', settings: { ...mail.settings('dovecot'), account_form: 'without_domain' }, based_on: changed });
    await action.getByText('Demander autre chose à une plateforme').click();
    const form = action.getByRole('form', { name: 'Demander autre chose à une plateforme' });
    await form.getByLabel('Quoi, et où').selectOption('account.block messagerie');
    await form.getByLabel('Comptes').fill('marie@ailleurs.test');
    await form.getByLabel('Raison').fill('la même personne, par son ancienne adresse');
    await form.getByRole('button', { name: 'Établir le plan' }).click();
    await form.getByRole('alert').getByText('n’est d’aucun domaine de l’établissement', { exact: false }).waitFor();
    await form.getByLabel('Nom sur la plateforme').fill(victim);
    await sound(page, session.troubles);
    await looksAt('named', form);
    await form.getByRole('button', { name: 'Établir le plan' }).click();
    await form.getByText('1 plan établi').waitFor();
    await card().getByText('planifiée', { exact: true }).waitFor();
    await card().getByText(victim).first().waitFor();
    // The only task here is the victim's: what is done for another account proves nothing of it.
    const asked = (await api('GET', `/incidents/${id}/operations`)).at(-1);
    expect(asked.account === 'marie@ailleurs.test' && asked.task === '', JSON.stringify(asked));
  });

  await check('containment: an account that joins makes the proposals be read again', async () => {
    const read = page.waitForResponse((answer) => answer.url().endsWith(`/incidents/${id}/proposals`));
    await api('POST', `/incidents/${id}/accounts`, { account: 'paul@chu.test', reason: 'signalé' });
    expect((await read).ok(), 'not read');
  });

  await check('containment: operations that cannot be read are told, and nothing is proposed meanwhile', async () => {
    const unread = `**/incidents/${id}/operations`;
    await page.route(unread, (route) => route.abort());
    await page.reload();
    const again = page.getByRole('alert').getByRole('button', { name: 'Réessayer' });
    await again.waitFor();
    await action.waitFor();
    await page.waitForTimeout(500);
    expect(await page.locator('form.proposal').count() === 0, 'proposed without knowing what was done');
    await goTo(page, `#/incident/${id}/situation`);
    await page.getByRole('heading', { level: 1, name: 'Situation' }).waitFor();
    await again.waitFor();
    await sound(page, session.troubles);
    await page.unroute(unread);
    await again.click();
    await again.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Opérations à suivre' }).waitFor();
  });
} finally {
  await session.browser.close();
  await server.stop();
  await mail.stop();
}
process.exit(close());
