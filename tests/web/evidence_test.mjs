// Evidence in a real browser against a real server: where files come from, why mail is opened, hand-overs, verification, the package.
//
//   node tests/web/evidence_test.mjs build/release/digue [--shots DIR]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: evidence_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('evidence', 'no Chromium on this machine');
  process.exit(close());
}

const folder = mkdtempSync(join(tmpdir(), 'digue-evidence-'));
const log = join(folder, 'mail.log');
const mail = join(folder, 'message.eml');
writeFileSync(log, '2026-03-09T08:00:00.000000+01:00 mx1 dovecot: imap-login: Login: user=<c.moreau@ch-exemple.fr>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.200, mpid=1, TLS, session=<s1>\n');
writeFileSync(mail, 'Return-Path: <x@ch-exemple.fr>\r\nSubject: essai\r\n\r\nCorps du message.\r\n');

const server = await startServer(program);
const origin = new URL(server.link).origin;
const session = await open(origin);
const page = await session.newPage();
const dialog = () => page.locator('dialog[open]');
const api = (method, path, body) => page.evaluate(([m, p, b]) => fetch(`./api/v1${p}`, {
  method: m, headers: { 'X-Digue-Request': '1', 'Content-Type': 'application/json' }, body: b === null ? undefined : JSON.stringify(b),
}).then((answer) => answer.json()), [method, path, body ?? null]);
const looksAt = async (name, width = 1360) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: !(await dialog().count()) });
  await page.setViewportSize({ width: 1360, height: 900 });
};
async function settle() {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => ![...document.querySelectorAll('main [role=status]')].some((node) => /^(Lecture en cours|Reading)/.test(node.textContent ?? '')));
}

let incident = '';
try {
  await page.goto(server.link);
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  ({ id: incident } = await api('POST', '/incidents', { title: 'Boîte du secrétariat', description: '', confirmed: true, exercise: true }));
  await goTo(page, `#/incident/${incident}/evidence`);
  await settle();

  await check('evidence: files wait until the page knows where they come from', async () => {
    await page.locator('#files').setInputFiles([log, mail]);
    await page.getByRole('heading', { name: 'D’où viennent ces fichiers' }).waitFor();
    expect((await api('GET', `/incidents/${incident}/exhibits`)).length === 0, 'sent without a record');
    await page.getByRole('button', { name: 'Verser au dossier' }).click();
    expect(await page.locator('#intake-source').evaluate((node) => node.matches(':invalid')), 'a source is not asked for');
    await page.getByLabel('Source (machine, système)').fill('srv-mail-01');
    await sound(page, session.troubles);
    await looksAt('intake');
    await looksAt('intake', 360);
    await page.getByRole('button', { name: 'Verser au dossier' }).click();
    await page.getByRole('button', { name: 'message.eml', exact: true }).waitFor();
    const all = await api('GET', `/incidents/${incident}/exhibits`);
    expect(all.length === 2 && all.every((one) => one.acquisition.missing.length === 0 && one.acquisition.who === 'Camille Roux'), JSON.stringify(all));
  });

  await check('evidence: mail is read after its reason, headers first', async () => {
    await page.getByRole('button', { name: 'message.eml', exact: true }).click();
    await dialog().getByRole('button', { name: 'Lire les en-têtes' }).click();
    await dialog().getByLabel('Pourquoi l’ouvrez-vous').fill('hameçonnage signalé');
    await sound(page, session.troubles);
    await looksAt('reason');
    await dialog().getByRole('button', { name: 'Ouvrir', exact: true }).click();
    const text = dialog().getByRole('region', { name: 'Texte de la pièce' });
    await text.waitFor();
    expect((await text.innerText()).includes('Subject: essai') && !(await text.innerText()).includes('Corps'), await text.innerText());
    await dialog().getByRole('button', { name: 'Lire aussi le corps' }).click();
    await dialog().getByText('Corps du message').waitFor();
    await dialog().getByRole('region', { name: 'Chaîne de possession' }).getByText('hameçonnage signalé').first().waitFor();
    await sound(page, session.troubles);
  });

  await check('evidence: a record is corrected, a hand-over recorded', async () => {
    await dialog().getByRole('button', { name: 'Corriger la fiche' }).click();
    await dialog().getByLabel('Autorité').fill('Direction générale');
    await dialog().getByLabel('Motif de la correction').fill('ordre écrit');
    await sound(page, session.troubles);
    await dialog().getByRole('button', { name: 'Enregistrer la correction' }).click();
    await dialog().getByText('Fiche précédente').waitFor();
    await dialog().getByRole('button', { name: 'Consigner une remise' }).click();
    await dialog().getByLabel('À qui').fill('Parquet');
    await dialog().getByLabel('Comment, et quel reçu').fill('clé chiffrée, reçu 12');
    await dialog().getByLabel('Pourquoi', { exact: true }).fill('enquête');
    await dialog().getByRole('button', { name: 'Consigner', exact: true }).click();
    await dialog().getByText('Parquet').first().waitFor();
    await sound(page, session.troubles);
    await looksAt('exhibit');
    await looksAt('exhibit', 360);
    await page.keyboard.press('Escape');
  });

  await check('evidence: hashes are checked again on demand', async () => {
    await page.getByRole('button', { name: 'Revérifier les empreintes' }).click();
    await page.getByRole('cell', { name: /vérifiée/ }).first().waitFor();
    await sound(page, session.troubles);
  });

  await check('evidence: a package leaves sealed, and is checked away from the workbench', async () => {
    await page.getByText('Préparer un paquet').click();
    const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Paquet de preuves' }) });
    await panel.getByLabel('Destinataire').fill('Parquet');
    await panel.getByLabel('Motif').fill('enquête');
    await panel.getByLabel('Phrase secrète', { exact: true }).fill('quatre mots bien gardés');
    await sound(page, session.troubles);
    await looksAt('package');
    await panel.getByRole('button', { name: 'Préparer le paquet' }).click();
    const link = panel.getByRole('link', { name: 'Télécharger' });
    await link.waitFor({ timeout: 180000 });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const file = join(folder, download.suggestedFilename());
    await download.saveAs(file);
    writeFileSync(join(folder, 'phrase'), 'quatre mots bien gardés\n');
    const seen = spawnSync(program, ['verify', file, '--json', '--passphrase-file', join(folder, 'phrase')], { encoding: 'utf8' });
    expect(seen.status === 0, `${seen.stdout.slice(0, 500)} ${seen.stderr}`);
    const tar = join(folder, 'open.tar');
    spawnSync(program, ['evidence', 'open', file, '--to', tar, '--passphrase-file', join(folder, 'phrase')]);
    const sums = spawnSync('bash', ['-c', 'mkdir bag && tar -xf open.tar -C bag && cd bag/* && sha256sum -c --quiet --strict manifest-sha256.txt'], { cwd: folder, encoding: 'utf8' });
    expect(sums.status === 0, sums.stderr);
    await sound(page, session.troubles);
  });

  await check('evidence: the page is sound, narrow and in English', async () => {
    await looksAt('evidence');
    await page.setViewportSize({ width: 360, height: 740 });
    await sound(page, session.troubles);
    await looksAt('evidence', 360);
    await page.setViewportSize({ width: 1360, height: 900 });
    await page.evaluate(() => { localStorage.setItem('digue.language', 'en'); localStorage.setItem('digue.theme', 'dark'); });
    await page.reload();
    await settle();
    await page.getByRole('button', { name: 'message.eml', exact: true }).waitFor();
    await sound(page, session.troubles);
    await looksAt('evidence-en');
  });
} finally {
  await session.browser.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(close());
