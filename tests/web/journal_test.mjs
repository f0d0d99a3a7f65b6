// The main courante in a real browser: protected, its code copied out, verified, damaged on the disk and told, lines of paper taken over.
//
//   node tests/web/journal_test.mjs build/release/digue [--shots DIR]
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!hasChromium()) {
  skip('the main courante', 'no Chromium on this machine');
  process.exit(close());
}

const server = await startServer(program);
const { browser, newPage, troubles } = await open(new URL(server.link).origin);
const page = await newPage();
async function shot(name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  for (const width of [1360, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(shots, `journal-${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1360, height: 900 });
}
const protection = () => page.getByRole('region', { name: 'Protection' });
const write = async (text) => {
  await page.getByLabel('Ce qui s’est passé, ce qui a été fait').fill(text);
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click();
  await page.getByText(/^✓ Enregistré/).waitFor();
};

await page.goto(server.link);
await page.getByLabel('Votre nom').fill('Camille Roux');
await page.getByRole('button', { name: 'Entrer' }).click();
await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
const incident = await page.evaluate(async () => {
  const answer = await fetch('./api/v1/incidents', {
    method: 'POST', headers: { 'X-Digue-Request': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify({ title: 'Boîte compromise', description: '', confirmed: true, exercise: false }),
  });
  return (await answer.json()).id;
});

let code = '';
await check('each line is protected at once, and its code can be copied out', async () => {
  await page.evaluate((id) => { location.hash = `#/incident/${id}/journal`; }, incident);
  await write('Compte bloqué');
  await write('Le CERT Santé est prévenu');
  await protection().getByText(/Lignes 1 à 4 signées/).waitFor();
  code = await protection().locator('.code').innerText();
  expect(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/.test(code), code);
  await protection().getByText(/Aucun code gardé hors de la machine/).waitFor();
  await shot('protected');
  await sound(page, troubles);
});

await check('who copies the code says where, and the main courante knows it', async () => {
  await protection().getByRole('button', { name: 'J’ai noté ce code' }).click();
  await page.getByLabel('Où, par qui').fill('cahier de l’astreinte, page 12');
  await sound(page, troubles);
  await shot('copy');
  await page.getByRole('button', { name: 'C’est noté' }).click();
  await protection().getByText(/Protégée hors de la machine jusqu’à la ligne 4/).waitFor();
  await page.locator('#line-5').getByText(code).waitFor();
});

await check('verification reads all lines; the code finds its own', async () => {
  await write('Une ligne de plus');
  await protection().getByRole('button', { name: 'Vérifier', exact: true }).click();
  await protection().getByText(/^Intacte\. Lignes relues\s: 6\s; points de contrôle\s: 5/).waitFor();
  await protection().getByLabel('Code recopié, pour vérifier').fill(code.toLowerCase().replaceAll('-', ' '));
  await protection().getByRole('button', { name: 'Vérifier', exact: true }).click();
  await protection().getByText(/Le code est celui des lignes 1 à 4/).waitFor();
  await protection().getByLabel('Code recopié, pour vérifier').fill('AAAA-AAAA-AAAA-AAAA-AAAA');
  await protection().getByRole('button', { name: 'Vérifier', exact: true }).click();
  await protection().getByText(/Aucun début de cette main courante n’a ce code/).waitFor();
  await protection().getByLabel('Code recopié, pour vérifier').fill('');
});

await check('lines of paper are looked at, then taken over', async () => {
  await page.getByRole('button', { name: 'Importer', exact: true }).click();
  await page.getByLabel('ou texte à coller').fill('Date;Heure;Auteur;Description\n09/03/2026;22h40;Standard;Appel de Mme Moreau\n31/02/2026;1:00;;Jamais\n');
  await page.getByRole('button', { name: 'Relire avant d’importer' }).click();
  await page.getByText(/^Lignes lues\s: 1\s; refusées\s: 1\./).waitFor();
  await sound(page, troubles);
  await shot('import');
  await page.getByRole('button', { name: 'Importer ces lignes (1)' }).click();
  await page.locator('article').filter({ hasText: 'Appel de Mme Moreau' }).getByText('pour Standard').waitFor();
});

await check('the proof of a line and the whole are downloads', async () => {
  const [proof] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Preuve de la ligne 3' }).click()]);
  expect(readFileSync(await proof.path(), 'utf8').startsWith('c2sp.org/tlog-proof@v1\n'), 'the proof');
  const [whole] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Exporter la main courante vérifiable' }).click()]);
  expect(readFileSync(await whole.path(), 'utf8').includes('digue.journal-export/1'), 'the export');
});

await check('the lines of another machine stand between ours, under its name; the paper and the empty sheet open', async () => {
  const laptop = join(server.data, '..', `${server.data.split('/').at(-1)}-laptop`);
  const there = (...words) => execFileSync(program, [...words, '--data', laptop, '--author', 'B. Lenoir'], { encoding: 'utf8' });
  const own = JSON.parse(there('incident', 'new', '--title', 'Nuit sans réseau', '--json')).id;
  there('journal', 'add', own, '--text', 'Standard prévenu de nuit');
  const buffer = Buffer.from(there('journal', 'export', own));
  rmSync(laptop, { recursive: true, force: true });
  await protection().getByText('Main courante d’un autre poste').click();
  await page.getByLabel('Export de la main courante (.ndjson)').setInputFiles({ name: 'portable.ndjson', mimeType: 'application/x-ndjson', buffer });
  await page.getByLabel('Nom du poste').fill('Portable 2');
  await page.getByRole('button', { name: 'Vérifier et reprendre' }).click();
  await protection().getByText('3 lignes reprises').waitFor();
  const line = page.locator('article.line', { hasText: 'Standard prévenu de nuit' });
  await line.getByText('Portable 2').waitFor();
  expect((await line.getByRole('button').count()) === 0, 'a line of another log can be rectified here');
  await page.locator('article.line', { hasText: 'reprise comme registre à part' }).waitFor();
  await shot('other');
  await sound(page, troubles);
  await page.getByRole('searchbox', { name: 'Filtrer les lignes' }).fill('santé');
  for (const [name, wanted] of [['Imprimer', 'Le CERT Santé est prévenu'], ['Feuille vierge', 'feuille à remplir']]) {
    const [paper] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('link', { name, exact: true }).click()]);
    await paper.getByText(wanted).first().waitFor();
    expect(name !== 'Imprimer' || (await paper.getByText('Compte bloqué').count()) === 0, 'the filter was left out');
    if (shots) await paper.screenshot({ path: join(shots, `paper-${name.replace(' ', '-')}.png`), fullPage: true });
    await paper.close();
  }
  await page.getByRole('searchbox', { name: 'Filtrer les lignes' }).fill('');
});

await check('a line altered on the disk is marked, and verification names it', async () => {
  execFileSync('python3', ['-c', `
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=30)
base.execute('DROP TRIGGER journal_bodies_stay')
base.execute("UPDATE journal_bodies SET body = replace(body, 'bloqué', 'ouvert') WHERE seq = 3")
base.commit()`, join(server.data, 'cases.sqlite')]);
  await page.reload();
  await page.locator('#line-3').getByText(/n’est plus ce qui a été écrit/).waitFor();
  await protection().getByRole('button', { name: 'Vérifier', exact: true }).click();
  await protection().getByText('Ligne 3 : les mots ne sont pas ceux qui ont été écrits.').waitFor();
  await shot('altered');
  await sound(page, troubles);
});

await browser.close();
await server.stop();
process.exit(close());
