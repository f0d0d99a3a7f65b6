// The whole attack answered on the page: real Postfix and Dovecot, a directory with the passwords, Rspamd in front. Evidence is collected, the story
// told, each proposal planned, approved and verified, the attacker proven out; then all of it undone, and the directory and scripts are as before.
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { attackedMail, attacker, password, sieve, victim } from '../../integration/attack.mjs';
import { FilterServer } from '../../integration/filter_server.mjs';
import { MailServers } from '../../integration/mail_servers.mjs';
import { freePort } from '../../integration/ports.mjs';
import { goTo, hasChromium, open, sound } from './browser.mjs';
import { check, close, expect, skip } from './harness.mjs';
import { startServer } from './server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
const messages = JSON.parse(readFileSync(new URL('../../../content/messages/fr/containment.json', import.meta.url), 'utf8'));
const named = (capability) => messages[`capability.${capability}`];

/** `kind`: one of directories.mjs. Ends the process. */
export async function answer(kind) {
  if (!program) {
    console.error(`usage: ${basename(process.argv[1])} PROGRAM [--shots DIR]`);
    process.exit(2);
  }
  const why = MailServers.skipped || kind.skipped || FilterServer.skipped;
  if (!hasChromium() || why) {
    skip('an attack answered on the page', why || 'no Chromium on this machine');
    process.exit(close());
  }

  const directory = await kind.start();
  const filter = await FilterServer.start();
  const { mail, stolen } = await attackedMail({ directory, filter });
  directory.plant();
  const held = () => ({
    directory: directory.state().split('\n').filter((line) => !directory.restless.test(line)).join('\n'),
    shares: mail.doveadm('acl', 'get', '-u', victim, 'INBOX').stdout,
    script: mail.doveadm('sieve', 'get', '-u', victim, 'a').stdout,
  });

  const words = ['--zone', Intl.DateTimeFormat().resolvedOptions().timeZone];
  const port = String(await freePort());
  let server = await startServer(program, { words, port });
  const session = await open(new URL(server.link).origin);
  const page = await session.newPage();
  const api = (method, path, body) => page.evaluate(([m, p, b]) => fetch(`./api/v1${p}`, {
    method: m, headers: { 'X-Digue-Request': '1', 'Content-Type': 'application/json' }, body: b === null ? undefined : JSON.stringify(b),
  }).then((answer) => answer.json()), [method, path, body ?? null]);
  let id = '';
  /** As the field of a date has it, on this machine's clock. */
  const clock = (at) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  const operation = async (one) => (await api('GET', `/incidents/${id}/operations`)).find((other) => other.id === one);
  const go = async (to) => {
    await goTo(page, `#/incident/${id}/${to}`);
    await page.locator('h1').first().waitFor();
  };
  /** The card of one action, unfolded. */
  async function card(action) {
    await go(`plan?action=${action}`);
    const found = page.locator(`[id="action-${action}"]`);
    await found.waitFor();
    await found.locator('details').first().evaluate((node) => { node.open = true; });
    return found;
  }
  const looksAt = async (name) => {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    for (const width of [1360, 360]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(shots, `attack-${directory.kind}-${name}-${width}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 1360, height: 900 });
  };

  async function enter() {
    await page.goto(server.link);
    await page.getByLabel('Votre nom').fill('Camille Roux');
    await page.getByRole('button', { name: 'Entrer' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  }
  /** What stands first of a kind on a card; its number. */
  async function approve(found, title) {
    const shown = found.locator('article.operation').filter({ hasText: title }).filter({ hasText: 'planifiée' }).first();
    await shown.waitFor();
    const planned = (await api('GET', `/incidents/${id}/operations`)).at(-1);
    if (planned.needs_two) {
      expect(await shown.getByRole('button', { name: 'Approuver et appliquer' }).isDisabled(), 'approved alone without a word');
      await shown.getByLabel('Seul de garde', { exact: false }).check();
      await shown.getByLabel('Pourquoi passer outre').fill('seule de garde');
    }
    await shown.getByRole('button', { name: 'Approuver et appliquer' }).click();
    return planned.id;
  }
  async function verified(found, title, one) {
    for (let i = 0; i < 600; i += 1) {
      const seen = await operation(one);
      if (seen.state === 'verified') break;
      expect(seen.state !== 'failed' && i < 599, `${title} stays ${seen.state}: ${seen.error} ${JSON.stringify(seen.probes)}`);
      await page.waitForTimeout(100);
    }
    await found.locator('article.operation').filter({ hasText: title }).filter({ hasText: 'vérifiée' }).first().waitFor();
    return operation(one);
  }
  const approved = async (found, title) => verified(found, title, await approve(found, title));
  /** A proposal becomes a plan and is carried out. */
  async function accept(capability, account, platform) {
    const one = (await api('GET', `/incidents/${id}/proposals`)).find((other) => other.capability === capability && other.account === account);
    expect(one?.platforms.includes(platform) && one.evidence.length > 0, `${capability} of ${account} is not proposed on ${platform}`);
    const found = await card(one.action);
    const form = found.locator('form.proposal').filter({ hasText: named(capability) }).filter({ hasText: account }).first();
    await form.getByRole('link', { name: 'Voir les constats' }).waitFor();
    if (await form.getByLabel('Plateforme').count() > 0) await form.getByLabel('Plateforme').selectOption(platform);
    await form.getByRole('button', { name: 'Établir le plan' }).click();
    return approved(found, named(capability));
  }
  /** What nothing proposes is asked for by hand; `then`: what follows a plan on its card. */
  async function ask(capability, platform, fields = {}, then = approved) {
    const offer = (await api('GET', `/incidents/${id}/offers`)).find((one) => one.capability === capability && one.platform === platform);
    expect(offer, `${platform} does not offer ${capability}`);
    const found = await card(offer.action);
    const form = found.getByRole('form', { name: 'Demander autre chose à une plateforme' });
    if (!(await form.isVisible())) await found.getByText('Demander autre chose à une plateforme').click();
    await form.getByLabel('Quoi, et où').selectOption(`${capability} ${platform}`);
    for (const [label, value] of Object.entries(fields)) await form.getByLabel(label, { exact: label !== 'Depuis' }).fill(value);
    if (offer.reads) {
      await form.getByRole('button', { name: 'Collecter' }).click();
      await form.getByText(/pièces? mises? dans le coffre/).waitFor();
      return null;
    }
    await form.getByLabel('Raison').fill('compte compromis');
    await form.getByRole('button', { name: 'Établir le plan' }).click();
    return then(found, named(capability));
  }
  async function undo(one) {
    const found = await card(one.action);
    const title = named(one.plan.capability);
    const shown = found.locator('article.operation').filter({ hasText: title }).filter({ hasText: one.platform }).filter({ hasText: 'vérifiée' }).first();
    await shown.getByRole('button', { name: 'Annuler…' }).click();
    await shown.getByLabel('Pourquoi annuler').fill('Doute levé');
    await shown.getByRole('button', { name: 'Planifier l’annulation' }).click();
    await approved(found, `Annulation\u00a0: ${title}`);
  }
  async function told() {
    await go('evidence');
    const before = (await api('GET', `/incidents/${id}/jobs`)).length;
    await page.getByRole('button', { name: 'Lancer l’analyse' }).first().click();
    for (let i = 0; i < 600; i += 1) {
      const jobs = await api('GET', `/incidents/${id}/jobs`);
      if (jobs.length > before && jobs.every((job) => job.state === 'done')) return (await api('GET', `/incidents/${id}/story`)).analysis;
      expect(jobs.every((job) => job.state !== 'failed') && i < 599, JSON.stringify(jobs));
      await page.waitForTimeout(100);
    }
    return null;
  }

  try {
    await enter();
    id = (await api('POST', '/incidents', { title: 'Boîte compromise', description: '', confirmed: true, exercise: false })).id;
    await api('POST', `/incidents/${id}/accounts`, { account: victim, reason: 'signalée' });
    for (const [name, kind, settings, secrets] of [['annuaire', directory.kind, directory.settings(), { password: directory.secret }],
      ['imap', 'dovecot', { ...mail.settings('dovecot'), directory: 'annuaire' }, { api_key: 'test-api-key' }], ['smtp', 'postfix', mail.settings('postfix'), {}],
      ['antispam', 'rspamd', filter.settings(), { password: 'digue-secret' }]])
      await api('PUT', `/connectors/${name}`, { kind, settings, secrets });

    await check(`${directory.kind}: the evidence is collected from the page, and the story tells the intruder and the planted account`, async () => {
      const since = { Depuis: clock(Date.now() - 16 * 86_400_000) };
      await ask('logs.export', 'smtp', since);
      await ask('rule.list', 'imap');
      await ask('account.list', 'annuaire', since);
      const story = await told();
      expect(story.accounts.find((one) => one.account === victim)?.verdict === 'compromised', JSON.stringify(story.accounts));
      expect(story.findings.some((one) => one.rule === 'account_planted' && one.account === directory.planted), 'the planted account is not told');
      await go('story');
      await page.getByText(victim).locator('visible=true').first().waitFor();
      await sound(page, session.troubles);
      await looksAt('story');
    });

    const before = held();
    const done = [];
    const began = Date.now();
    await check(`${directory.kind}: each proposal is planned, approved and verified; the attacker is proven out, mail goes on`, async () => {
      done.push(await accept('account.block', victim, 'annuaire'), await accept('account.block', victim, 'smtp'));
      const renewed = await accept('password.reset', victim, 'annuaire');
      const revoked = await accept('session.revoke', victim, 'imap');
      for (const door of ['imap', 'managesieve', 'submission'])
        expect(revoked.probes.some((one) => one.good && one.source && one.what.startsWith(door)), `${door} is not tried: ${JSON.stringify(revoked.probes)}`);
      done.push(await accept('rule.disable', victim, 'imap'), await accept('account.disable', directory.planted, 'annuaire'));
      console.log(`     from the story to the last verified P0 operation, clicked: ${((Date.now() - began) / 1000).toFixed(1)} s`);
      const reset = () => found.locator('article.operation').filter({ hasText: named('password.reset') }).filter({ hasText: 'annuaire' }).first();
      let found = await card(renewed.action);
      await reset().getByRole('button', { name: 'Montrer le mot de passe' }).click();
      const word = await reset().locator('.secret').innerText();
      await go('story');
      found = await card(renewed.action);
      expect(word !== '' && await reset().locator('.secret').innerText() === word, 'the password is gone with its card');
      await page.reload();
      found = await card(renewed.action);
      await reset().waitFor();
      expect(await reset().getByRole('button', { name: 'Montrer le mot de passe' }).count() === 0, 'offered again after it was shown');
      done.push(await ask('privilege.remove', 'annuaire'), await ask('delegation.remove', 'imap', { 'À qui la délégation est donnée': 'user=paul@chu.test' }));
      done.push(await accept('queue.hold', victim, 'smtp'), await ask('sender.block', 'antispam', { Expéditeur: 'faux-support@evil.example' }));
      await (await card(done.at(-1).action)).locator('.target', { hasText: 'faux-support[@]evil.example' }).first().waitFor();
      expect((await mail.signIn(victim, password, attacker)) === null && (await mail.sieve(victim, password, attacker)) === null, 'the attacker gets in');
      expect((await mail.submit(victim, password, attacker, victim, ['paul@chu.test'], 'x')) >= 500, 'the attacker submits');
      expect(!(await stolen.imap('NOOP')).includes('a OK'), 'the session of the attacker goes on');
      expect(!directory.lets() && !directory.admins(), 'what was planted in the directory');
      const count = mail.messages(victim);
      expect((await mail.receive('labo@partner.example', victim, 'Bonjour', 'later@partner.example')) < 400, 'mail of others');
      for (let i = 0; i < 300 && mail.messages(victim) === count; i += 1) await page.waitForTimeout(100);
      expect(mail.messages(victim) > count, 'mail of others does not arrive');
      expect((await mail.receive('faux-support@evil.example', victim, 'Encore', 'again@evil.example')) >= 400, 'mail of the attacker');
      await card('1.a');
      await sound(page, session.troubles);
      await looksAt('verified');
    });

    await check(`${directory.kind}: all of it is undone on the page; directory, shares and script are as they were, byte for byte`, async () => {
      for (const one of done.toReversed()) await undo(one);
      const after = held();
      for (const key of Object.keys(before)) expect(after[key] === before[key], `${key}: ${after[key]}`);
      expect(after.script === `sieve script:\n${sieve}`, 'the script of the attacker');
      expect((await mail.signIn(victim, password, attacker)) === null, 'the stolen password lives again');
    });

    await check(`${directory.kind}: killed while a measure goes on, the workbench ends it as it would have, and the page goes on`, async () => {
      for (const [capability, platform, fields] of [['account.block', 'annuaire', {}], ['sender.block', 'smtp', { Expéditeur: 'autre@evil.example' }]])
        for (const wait of [0, 150]) {
          const state = held();
          const one = await operation(await ask(capability, platform, fields, approve));
          await page.waitForTimeout(wait);
          await server.kill();
          await page.getByText('Liaison coupée', { exact: false }).first().waitFor();
          session.troubles.length = 0; // requests that nobody answered
          server = await startServer(program, { words, data: server.data, port });
          await page.getByText('Votre session', { exact: false }).waitFor();
          await enter();
          const found = await card(one.action);
          if ((await operation(one.id)).state === 'planned') await approve(found, named(capability)); // killed before it heard of it
          const ended = await verified(found, named(capability), one.id);
          expect(ended.runs.every((run) => run.state === 'done'), JSON.stringify(ended.runs));
          await undo(ended);
          for (const [key, value] of Object.entries(held())) expect(value === state[key], `${key} after ${capability}`);
        }
    });

    await check(`${directory.kind}: our own trials are told as ours in the next story`, async () => {
      await ask('logs.export', 'smtp', { Depuis: clock(Date.now() - 3_600_000) });
      const story = await told();
      const { events } = await api('GET', `/incidents/${id}/events?account=${encodeURIComponent(victim)}&actor=responder&limit=500`);
      expect(events.length >= 4 && events.every((one) => one.activity === 'own_probe'), JSON.stringify(events));
      expect(story.sessions.every((one) => one.account !== victim || !one.ips.includes('127.0.0.1')), 'we are taken for somebody');
    });
  } finally {
    await session.browser.close();
    await server.stop();
    await mail.stop();
    await filter.stop();
    await directory.stop();
  }
  process.exit(close());
}
