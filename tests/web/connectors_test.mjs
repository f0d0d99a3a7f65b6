// Setting a platform up on the page, ahead of the crisis: what it needs and which rights, tried at once on a real directory, changed, removed.
//
//   node tests/web/connectors_test.mjs build/release/digue [--shots DIR]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryServer } from '../integration/directory_server.mjs';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: connectors_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium() || DirectoryServer.skipped) {
  skip('connectors on the page', DirectoryServer.skipped || 'no Chromium on this machine');
  process.exit(close());
}

const staff = { 'marie@chu.test': 'Printemps2026', 'paul@chu.test': 'Automne2026', 'jeanne@chu.test': 'Hiver2026' };
const directory = await DirectoryServer.start({ ...staff, 'direction@chu.test': 'd-pw' });
const server = await startServer(program);
const session = await open(new URL(server.link).origin);
const page = await session.newPage();
const LOOKS = [['fr', 'light', 1360], ['fr', 'dark', 360], ['en', 'dark', 1360], ['en', 'light', 360]];
const read = (path) => page.evaluate((where) => fetch(`./api/v1${where}`).then((answer) => answer.json()), path);
const send = (method, path, body) => page.evaluate(([how, where, what]) => fetch(`./api/v1${where}`, { method: how, headers: { 'X-Digue-Request': '1', 'Content-Type': 'application/json' },
  body: JSON.stringify(what) }).then((answer) => answer.json()), [method, path, body]);
let incident = '';
/** The card of one action on the plan, unfolded. */
async function card(id) {
  await goTo(page, `#/incident/${incident}/plan?action=${id}`);
  const found = page.locator(`[id="action-${id}"]`);
  await found.waitFor();
  await found.locator('details').first().evaluate((node) => { node.open = true; });
  return found;
}
async function back() {
  await page.evaluate(() => { location.hash = '#/connectors'; });
  await page.getByRole('heading', { level: 1, name: 'Connecteurs' }).waitFor();
}
/** In both languages and themes, wide and narrow: reloaded, since a form keeps what is typed nowhere else. */
async function looks(name, ready) {
  for (const [language, theme, width] of LOOKS) {
    await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
    await page.evaluate(([lang, wanted]) => {
      localStorage.setItem('digue.language', lang);
      localStorage.setItem('digue.theme', wanted);
    }, [language, theme]);
    await page.reload();
    await page.locator('h1').first().waitFor();
    await ready(language);
    await sound(page, session.troubles);
    if (!shots) continue;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}-${language}-${theme}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1360, height: 900 });
  await page.evaluate(() => {
    localStorage.setItem('digue.language', 'fr');
    localStorage.setItem('digue.theme', 'light');
  });
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Connecteurs' }).waitFor();
}

try {
  await page.goto(server.link);
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();

  await check('connectors: the empty page and each kind’s form, in both languages, wide and narrow', async () => {
    await page.getByRole('link', { name: 'Connecteurs', exact: true }).click();
    await page.getByText('Aucune plateforme n’est réglée.').waitFor();
    await looks('empty', (language) => page.getByText(language === 'fr' ? 'Aucune plateforme n’est réglée.' : 'No platform is set up.').waitFor());
    for (const kind of ['Dovecot', 'Postfix', 'OpenLDAP', 'Active Directory', 'Rspamd', 'LemonLDAP::NG'])
      await looks(`form-${kind.replace(' ', '-').toLowerCase()}`, async (language) => {
        await page.getByRole('button', { name: kind, exact: true }).click();
        await page.getByText(language === 'fr' ? 'Droits à donner d’avance' : 'Rights to give beforehand', { exact: false }).waitFor();
      });
  });

  await check('connectors: a directory is set up with the keyboard and tried at once', async () => {
    await page.getByRole('button', { name: 'OpenLDAP', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('annuaire');
    const settings = directory.settings();
    for (const [label, value] of [['Adresse', settings.url], ['Compte de Digue dans l’annuaire', settings.bind], ['Base de recherche', settings.base]])
      await page.getByLabel(label, { exact: false }).first().fill(value);
    await page.getByLabel('Groupes d’administration').fill(settings.admin_groups.join('\n'));
    await page.getByLabel('Comptes de secours').fill('direction@chu.test');
    await page.getByLabel('Comptes nommés autrement').fill('d.valois@ght.test=direction');
    await page.getByLabel('Mot de passe du compte de Digue').fill('digue-secret');
    await page.getByRole('button', { name: 'Enregistrer et essayer' }).click();
    // The authority is not the system’s: told, with what to do.
    await page.getByRole('alert').filter({ hasText: 'certificat' }).first().waitFor();
    await page.getByRole('button', { name: /^Modifier.+annuaire/ }).click();
    await page.getByLabel('Fichier des autorités de certification').fill(settings.ca_file);
    await page.getByRole('button', { name: 'Enregistrer et essayer' }).click();
    await page.getByText('4 actions automatiques').waitFor();
    const row = page.getByRole('row', { name: /^1\.a/ });
    await row.getByText('Automatique').waitFor();
    await row.getByText(/^Bloquer le compte\s: L’écriture n’est pas essayée/).waitFor();
    await page.getByRole('row', { name: /^4\.b/ }).getByText('Guidée').waitFor();
    const [kept] = await read('/connectors');
    expect(JSON.stringify(kept.settings.emergency_accounts) === '["direction@chu.test"]' && kept.secrets[0] === 'password'
      && JSON.stringify(kept.settings.account_names) === '["d.valois@ght.test=direction"]', JSON.stringify(kept));
    expect(!JSON.stringify(await read('/connectors')).includes('digue-secret'), 'the secret is shown');
    await looks('tested', async (language) => {
      await page.getByRole('button', { name: language === 'fr' ? /^Essayer/ : /^Try/ }).click();
      await page.getByRole('table').waitFor();
    });
  });

  await check('connectors: other accounts are reset in waves from the plan; what waits is not touched', async () => {
    incident = (await send('POST', '/incidents', { title: 'Plusieurs comptes', description: '', confirmed: true, exercise: false })).id;
    const action = await card('3.b');
    await action.getByText('Demander autre chose à une plateforme').click();
    const form = action.getByRole('form', { name: 'Demander autre chose à une plateforme' });
    await form.getByLabel('Comptes').fill([...Object.keys(staff), 'personne@chu.test', 'direction@chu.test'].join('\n'));
    await form.getByLabel('Raison').fill('Plusieurs comptes compromis la même semaine');
    await form.getByRole('button', { name: 'Établir le plan' }).click();
    await form.getByText('3 plans établis').waitFor();
    await form.getByRole('alert').getByText('personne@chu.test').waitFor();
    const states = () => Object.entries(staff).map(([mail, password]) => directory.signIn(mail, password)).join(' ');
    expect(states() === 'in in in', states());
    await sound(page, session.troubles);
    if (shots) await action.screenshot({ path: join(shots, 'wave-1360.png') });
    await action.getByLabel('Par vague de').fill('2');
    await action.getByRole('button', { name: 'Approuver les 2 suivantes' }).click();
    await action.getByText('vérifiée', { exact: true }).nth(1).waitFor();
    expect(states() === 'refused refused in', states());
    await page.setViewportSize({ width: 360, height: 740 });
    await sound(page, session.troubles);
    if (shots) await action.screenshot({ path: join(shots, 'wave-360.png') });
    await page.setViewportSize({ width: 1360, height: 900 });
    await back();
  });

  await check('connectors: what failed before anything was sent is planned anew, and put aside', async () => {
    const account = 'jeanne@chu.test';
    await send('POST', `/incidents/${incident}/operations`, { platform: 'annuaire', capability: 'account.block', account, reason: 'signalée' });
    directory.change(`dn: ${directory.dn(account)}\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 20260101000000Z\n`);
    const action = await card('1.a');
    const failed = () => action.locator('article.operation').filter({ has: page.getByText('en échec', { exact: true }) });
    await action.getByRole('button', { name: 'Approuver et appliquer' }).click();
    await failed().waitFor();
    await sound(page, session.troubles);
    await failed().getByRole('button', { name: 'Établir un nouveau plan' }).click();
    await action.getByText('planifiée', { exact: true }).waitFor();
    const [first, again] = (await read(`/incidents/${incident}/operations`)).slice(-2);
    expect(first.state === 'failed' && ['platform', 'account', 'task', 'reason'].every((field) => first[field] === again[field])
      && first.plan.capability === again.plan.capability && first.plan.account === again.plan.account, JSON.stringify([first, again]));
    await failed().getByRole('button', { name: 'Établir un nouveau plan' }).waitFor({ state: 'detached' });
    await failed().getByRole('button', { name: 'Classer sans suite' }).click();
    await page.keyboard.type('repris par un autre plan');
    await page.keyboard.press('Enter');
    await action.getByText('abandonnée', { exact: true }).waitFor();
    await back();
  });

  await check('connectors: a passphrase is set; locked, the page says what waits, and unlocking brings it back', async () => {
    const PHRASE = 'une longue phrase';
    await page.getByText('Protéger par une phrase secrète').first().focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Nouvelle phrase secrète').fill(PHRASE);
    await page.keyboard.press('Enter');
    await page.getByText('ouverte en mémoire').waitFor();
    expect((await read('/connectors/key')).passphrase === true, 'set');
    await sound(page, session.troubles);
    await page.getByRole('button', { name: 'Verrouiller maintenant' }).click();
    await page.getByText('Les secrets des connecteurs sont verrouillés.').waitFor();
    expect(await page.getByRole('button', { name: /^Essayer/ }).isDisabled(), 'nothing to try');
    await looks('locked', (language) => page.getByText(language === 'fr' ? 'Les secrets des connecteurs sont verrouillés.' : 'The secrets of the connectors are locked.').waitFor());
    await page.getByLabel('Phrase secrète des connecteurs').fill('une autre phrase');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Phrase secrète refusée.' }).waitFor();
    await page.getByLabel('Phrase secrète des connecteurs').fill(PHRASE);
    await page.keyboard.press('Enter');
    await page.getByText('ouverte en mémoire').waitFor();
    await page.getByRole('button', { name: /^Essayer/ }).click();
    await page.getByText('4 actions automatiques').waitFor();
    await page.getByText('Changer ou retirer la phrase secrète').first().click();
    await page.getByLabel('Phrase secrète actuelle').fill(PHRASE);
    await page.getByRole('button', { name: 'Retirer la phrase' }).click();
    await page.getByText('sans phrase secrète', { exact: false }).first().waitFor();
    expect((await read('/connectors/key')).passphrase === false, 'removed');
  });

  await check('connectors: what is wrong is told at the form; simulation only is shown; one is removed', async () => {
    await page.getByRole('button', { name: /^Modifier.+annuaire/ }).click();
    await page.getByLabel('Adresse', { exact: false }).first().fill('http://annuaire');
    await page.getByRole('button', { name: 'Enregistrer et essayer' }).click();
    await page.getByText('Cette adresse n’est pas celle d’un annuaire.', { exact: false }).waitFor();
    await page.getByLabel('Adresse', { exact: false }).first().fill(directory.settings().url);
    await page.getByLabel('Simuler seulement').check();
    // A colleague changes another setting meanwhile: both are kept.
    const [seen] = await read('/connectors');
    await send('PUT', '/connectors/annuaire', { kind: seen.kind, settings: { ...seen.settings, emergency_accounts: ['secours@chu.test'] }, based_on: seen.changed });
    await page.getByRole('button', { name: 'Enregistrer et essayer' }).click();
    await page.getByText('Simulation seulement').waitFor();
    expect(JSON.stringify((await read('/connectors'))[0].settings.emergency_accounts) === '["secours@chu.test"]', 'written over');
    await page.getByText('0 action automatique').waitFor();
    expect((await read('/connectors'))[0].settings.dry_run === true, 'dry run');
    await sound(page, session.troubles);
    const waiting = (await card('3.b')).locator('article.operation').filter({ has: page.getByText('planifiée', { exact: true }) }).first();
    await waiting.getByText('Plateforme réglée pour simuler seulement', { exact: false }).waitFor();
    expect(await waiting.getByRole('button', { name: 'Approuver et appliquer' }).isDisabled(), 'what is always refused is offered');
    await sound(page, session.troubles);
    await back();
    // Both change the same one: the person chooses.
    await page.getByRole('button', { name: /^Modifier.+annuaire/ }).click();
    await page.getByLabel('Comptes de secours').fill('direction@chu.test');
    const [before] = await read('/connectors');
    await send('PUT', '/connectors/annuaire', { kind: before.kind, settings: { ...before.settings, emergency_accounts: ['garde@chu.test'] }, based_on: before.changed });
    await page.getByRole('button', { name: 'Enregistrer et essayer' }).click();
    const clash = page.getByRole('alert', { name: 'Deux versions d’un même champ' });
    await clash.getByText('garde@chu.test').waitFor();
    await sound(page, session.troubles);
    await clash.getByRole('button', { name: /^Prendre la sienne/ }).click();
    await page.getByRole('button', { name: 'Fermer', exact: true }).click();
    // A new one of the same name takes nobody's place.
    await page.getByRole('button', { name: 'Postfix', exact: true }).click();
    await page.getByLabel('Nom de la plateforme').fill('annuaire');
    await page.getByRole('button', { name: 'Enregistrer et essayer' }).click();
    await page.getByRole('alert').filter({ hasText: 'existe déjà' }).waitFor();
    expect((await read('/connectors'))[0].kind === 'openldap', 'replaced');
    await page.getByRole('button', { name: 'Fermer', exact: true }).click();
    await page.getByRole('button', { name: /^Retirer.+annuaire/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retirer' }).click();
    await page.getByText('Aucune plateforme n’est réglée.').waitFor();
    expect((await read('/connectors')).length === 0, 'removed');
  });
} finally {
  await session.browser.close();
  await server.stop();
  await directory.stop();
}
process.exit(close());
