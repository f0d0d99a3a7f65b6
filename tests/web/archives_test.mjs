// Whole archives by the page alone, in a real browser: backup, export of an incident, its way into a second workbench. What comes down is
// checked by the program itself.
//
//   node tests/web/archives_test.mjs build/release/digue [--shots DIR]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasChromium } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { PASSWORD, person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';

const [given, ...options] = process.argv.slice(2);
const program = given && resolve(given);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: archives_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('archives', 'no Chromium on this machine');
  process.exit(close());
}

const folder = mkdtempSync(join(tmpdir(), 'digue-archives-'));
const PHRASE = 'quatre mots bien gardés';
const phrase = join(folder, 'phrase');
writeFileSync(phrase, `${PHRASE}\n`);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const digue = (...args) => {
  const done = spawnSync(program, [...args, '--json', '--author', 'A. Roche'], { encoding: 'utf8', cwd: folder, maxBuffer: 1 << 26 });
  return { code: done.status, told: done.stdout.startsWith('{') ? JSON.parse(done.stdout) : done.stdout, err: done.stderr };
};

const here = await startServer(program);
const there = await startServer(program);
const alix = await person(new URL(here.link).origin, 'a.roche', 'Alix Roche', { shots, prefix: 'archives' });
const camille = await person(new URL(there.link).origin, 'c.roux', 'Camille Roux', { shots, prefix: 'archives' });
const enter = async (who, link) => {
  await who.page.goto(link);
  await who.page.getByLabel('Votre nom').fill(who.name);
  await who.page.getByRole('button', { name: 'Entrer' }).click();
  await who.page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
};
const panel = (who, name) => who.page.locator('section, form.panel').filter({ has: who.page.getByRole('heading', { name, exact: true }) });
const both = async (who, title) => {
  for (const width of [1360, 360]) {
    await who.page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
    await who.page.waitForTimeout(200);
    await who.shot(`${title}-${width}`);
    await who.sound();
  }
  await who.page.setViewportSize({ width: 1360, height: 900 });
};
/** Presses the button; the file that the browser wrote, with its bytes. */
const fetched = async (who, button) => {
  const [download] = await Promise.all([who.page.waitForEvent('download'), button.click()]);
  const path = join(folder, `${who.login}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return { path, name: download.suggestedFilename(), bytes: readFileSync(path), url: download.url() };
};
const done = (where) => where.getByText('Tout est envoyé').waitFor();
let incident = null;
let exported = null;

try {
  await check('archives: an account, an incident, evidence', async () => {
    await enter(alix, here.link);
    await alix.go('#/people');
    await alix.page.getByLabel('Nom complet').fill(alix.name);
    await alix.page.getByLabel('Identifiant').fill(alix.login);
    await alix.page.getByRole('button', { name: 'Créer ce compte' }).click();
    await alix.setUp();
    await alix.keepCodes();
    incident = JSON.parse((await alix.api('POST', '/incidents', { title: 'Boîte du secrétariat', confirmed: true })).text);
    for (const text of ['Appel du service', 'Compte bloqué']) await alix.api('POST', `/incidents/${incident.id}/journal`, { text });
    await alix.go(`#/incident/${incident.id}/evidence`);
    await alix.page.locator('#files').waitFor({ state: 'attached' });
    await alix.go(`#/incident/${incident.id}/journal`);
    await alix.go(`#/incident/${incident.id}/evidence`);
    const log = join(folder, 'mail.log');
    writeFileSync(log, 'x'.repeat(9_000_000));
    await alix.page.locator('#files').setInputFiles(log);
    await alix.page.getByLabel('Source (machine, système)').fill('srv-mail-01');
    await alix.page.getByRole('button', { name: 'Verser au dossier' }).click();
    await alix.page.getByRole('button', { name: 'mail.log', exact: true }).waitFor();
    // What the page shows of transfers outlives the first visit of its place.
    await alix.page.locator('.uploads li', { hasText: 'mail.log' }).waitFor();
    await alix.go('#/incidents');
  });

  await check('backup: sealed, after a proof of identity, streamed to the disk; restores', async () => {
    const { page } = alix;
    const backup = panel(alix, 'Sauvegarde de l’atelier');
    await backup.getByText('Sauvegarder tout l’atelier').click();
    await backup.getByLabel('Phrase secrète').fill(PHRASE);
    await both(alix, 'backup');
    // The server's answer to an old proof, without waiting five minutes.
    let asked = 0;
    await page.route('**/api/v1/backup', (route) => (asked++ === 0
      ? route.fulfill({ status: 403, contentType: 'application/json', body: JSON.stringify({ error: { code: 'step_up', message: 'x', where: null, help: null } }) })
      : route.continue()));
    await backup.getByRole('button', { name: 'Sauvegarder et télécharger' }).click();
    await alix.dialog().getByRole('heading', { name: 'Confirmez que c’est vous' }).waitFor();
    await alix.dialog().getByLabel('Mot de passe').fill(PASSWORD);
    const file = await fetched(alix, alix.dialog().getByRole('button', { name: 'Confirmer' }));
    await page.unroute('**/api/v1/backup');
    expect(!file.url.startsWith('blob:'), `gathered in the page: ${file.url}`);
    await done(backup);
    await backup.getByText(sha256(file.bytes)).waitFor();
    await both(alix, 'backup-done');
    expect(/^digue-backup-.*\.tar\.digue$/.test(file.name) && file.bytes.subarray(0, 14).toString() === 'digue.sealed/1', file.name);
    const restored = digue('restore', file.path, '--passphrase-file', phrase, '--data', join(folder, 'restored'));
    expect(restored.code === 0 && restored.told.good && restored.told.incidents === 1 && restored.told.exhibits === 1, JSON.stringify(restored));
    // The link was good once.
    const again = await page.evaluate((address) => fetch(address).then((answer) => answer.status), file.url);
    expect(again === 404, `the link answered ${again} again`);
    const { events } = JSON.parse((await alix.api('GET', '/security-log?limit=500')).text);
    expect(events.some((event) => event.kind === 'backup' && event.detail === 'sealed'), 'the security log does not tell it');
  });

  await check('backup: in the clear only for who says that they understood', async () => {
    const backup = panel(alix, 'Sauvegarde de l’atelier');
    await backup.getByText('Sauvegarder tout l’atelier').click();
    await backup.getByLabel('Chiffrement').selectOption('none');
    await backup.getByText('les clés y sont').waitFor();
    await both(alix, 'backup-clear');
    const make = backup.getByRole('button', { name: 'Sauvegarder et télécharger' });
    let asked = 0;
    alix.page.on('request', (request) => (asked += request.url().endsWith('/backup') ? 1 : 0));
    await make.click();
    await alix.page.waitForTimeout(300);
    expect(asked === 0, 'asked without the tick');
    await backup.getByLabel('Je garderai ce fichier comme l’original').check();
    const file = await fetched(alix, make);
    await done(backup);
    const restored = digue('restore', file.path, '--data', join(folder, 'clear'));
    expect(restored.code === 0 && file.name.endsWith('.tar'), JSON.stringify(restored));
  });

  await check('backup: given up on its way, the browser sees it cut off and the page says so', async () => {
    const backup = panel(alix, 'Sauvegarde de l’atelier');
    // A browser that does not fetch: the archive waits. A route refused on the way is passed by some downloads.
    await alix.page.evaluate(() => {
      const { click } = HTMLAnchorElement.prototype;
      HTMLAnchorElement.prototype.click = function () { HTMLAnchorElement.prototype.click = click; };
    });
    await backup.getByText('Sauvegarder tout l’atelier').click();
    await backup.getByLabel('Chiffrement').selectOption('passphrase');
    await backup.getByLabel('Phrase secrète').fill(PHRASE);
    await backup.getByRole('button', { name: 'Sauvegarder et télécharger' }).click();
    await backup.getByText('en attente du navigateur').waitFor();
    await both(alix, 'backup-waiting');
    await backup.getByRole('button', { name: 'Annuler' }).click();
    await backup.getByText('Téléchargement annulé').waitFor();
    await alix.sound();
    expect(readdirSync(join(here.data, 'copies')).length === 0, 'a copy is left');
  });

  await check('export: what goes and what stays is said first; the journal tells whither', async () => {
    await alix.go(`#/incident/${incident.id}/report`);
    const where = panel(alix, 'Transférer le dossier vers un autre atelier');
    await where.getByText('Exporter tout le dossier').click();
    await where.getByText('les personnes et leurs rôles').waitFor();
    await where.getByLabel('À qui').fill('CHU voisin');
    await where.getByLabel('Phrase secrète').fill(PHRASE);
    await both(alix, 'export');
    exported = await fetched(alix, where.getByRole('button', { name: 'Exporter et télécharger' }));
    await done(where);
    await where.getByText('clôturez ce dossier').waitFor();
    await both(alix, 'export-done');
    await alix.page.locator('article.line, .sheet').getByText(/reprise par.*CHU voisin/).first().waitFor();
  });

  await check('import: refused with its reason, nothing kept', async () => {
    await enter(camille, there.link);
    await camille.page.getByRole('button', { name: 'Reprendre un dossier' }).click();
    const form = panel(camille, 'Reprendre un dossier');
    const take = form.getByRole('button', { name: 'Vérifier et reprendre' });
    expect(await take.isDisabled(), 'without a file');
    const other = join(folder, 'autre.tar');
    writeFileSync(other, 'pas une archive');
    await form.locator('#take-in-file').setInputFiles(other);
    await take.click();
    await form.getByRole('alert').waitFor();
    await both(camille, 'refused');
    await form.locator('#take-in-file').setInputFiles(exported.path);
    await form.getByLabel('Phrase secrète').fill('une tout autre phrase');
    await take.click();
    await form.getByRole('alert').getByText(/phrase/).first().waitFor();
    await camille.sound();
    expect(JSON.parse((await camille.api('GET', '/incidents')).text).length === 0, 'something was kept');
    expect(readdirSync(join(there.data, 'vault'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length === 0, 'bytes were kept');
  });

  await check('import: sealed, cancelled on its way, then taken in under a free reference; it verifies there', async () => {
    await camille.api('POST', '/incidents', { title: 'Un autre', confirmed: false });
    const form = panel(camille, 'Reprendre un dossier');
    await form.locator('#take-in-file').setInputFiles(exported.path);
    await form.getByLabel('Phrase secrète').fill(PHRASE);
    await both(camille, 'take-in');
    // The bytes are held on their way until the person gives up.
    await camille.page.route('**/api/v1/incidents/import', () => {});
    await form.getByRole('button', { name: 'Vérifier et reprendre' }).click();
    await form.getByRole('progressbar').waitFor();
    await camille.sound();
    await form.getByRole('button', { name: 'Annuler' }).click();
    await form.getByText('rien n’a été repris').waitFor();
    await camille.page.unroute('**/api/v1/incidents/import');
    await form.getByRole('button', { name: 'Vérifier et reprendre' }).click();
    await form.getByText('Dossier repris').waitFor();
    await form.getByText(/Il portait la référence/).waitFor();
    await both(camille, 'taken-in');
    await form.getByRole('link', { name: /Boîte du secrétariat/ }).click();
    await camille.page.getByRole('heading', { level: 1 }).first().waitFor();
    const audit = JSON.parse((await camille.api('GET', `/incidents/${incident.id}/journal/verify`)).text);
    expect(audit.good && audit.lines > 3, JSON.stringify(audit));
    const [exhibit] = JSON.parse((await camille.api('GET', `/incidents/${incident.id}/exhibits`)).text);
    expect(exhibit.bytes === 9_000_000, JSON.stringify(exhibit));
    // Once more: it is here already.
    await camille.go('#/incidents');
    await camille.page.getByRole('button', { name: 'Reprendre un dossier' }).click();
    await form.locator('#take-in-file').setInputFiles(exported.path);
    await form.getByLabel('Phrase secrète').fill(PHRASE);
    await form.getByRole('button', { name: 'Vérifier et reprendre' }).click();
    await form.getByText('Ce dossier est déjà ici').waitFor();
    await camille.sound();
  });

  await check('archives: in English, dark, too; a role that may not is not offered them', async () => {
    await camille.page.evaluate(() => { localStorage.setItem('digue.language', 'en'); localStorage.setItem('digue.theme', 'dark'); });
    await camille.page.reload();
    await camille.settle();
    await panel(camille, 'Backup of the workbench').getByText('Back up the whole workbench').click();
    await both(camille, 'en');
    await camille.go(`#/incident/${incident.id}/report`);
    await camille.page.getByText('Export the whole incident').click();
    await both(camille, 'export-en');
    const sacha = await person(new URL(here.link).origin, 's.petit', 'Sacha Petit');
    await sacha.page.goto(await alix.invite(sacha));
    await sacha.setUp();
    await sacha.keepCodes();
    expect((await sacha.page.getByText('Sauvegarde de l’atelier').count()) === 0, 'a backup is offered');
    expect((await sacha.page.getByRole('button', { name: 'Reprendre un dossier' }).count()) === 0, 'an import is offered');
    expect((await sacha.api('POST', '/backup', { link: true })).status === 403, 'a backup is made');
    await sacha.session.browser.close();
  });
} finally {
  for (const one of [alix, camille]) await one.session.browser.close();
  await here.stop();
  await there.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(close());
