// The end of an incident in a real browser: closed, held, due, destroyed.
//
//   node tests/web/keeping_test.mjs build/release/digue [--shots DIR]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: keeping_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('keeping', 'no Chromium on this machine');
  process.exit(close());
}

// Exercises are due as soon as they are closed; all else is kept as it ships.
const data = mkdtempSync(join(tmpdir(), 'digue-keeping-'));
mkdirSync(join(data, 'content'));
writeFileSync(join(data, 'content/retention.yaml'), readFileSync(new URL('../../content/retention.yaml', import.meta.url), 'utf8').replace('months: 12', 'months: 0'));
const server = await startServer(program, { data });
const session = await open(new URL(server.link).origin);
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
const panel = () => page.locator('section', { has: page.getByRole('heading', { name: 'Clôture et conservation' }) });

try {
  await page.goto(server.link);
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  const { id, reference } = await api('POST', '/incidents', { title: 'Entraînement de mars', description: '', confirmed: true, exercise: true });
  await api('POST', `/incidents/${id}/journal`, { text: 'Une ligne de l’exercice' });
  const place = (name) => goTo(page, `#/incident/${id}/${name}`);
  await place('report');
  await panel().waitFor();

  await check('keeping: an incident is closed by its type, with the period and its sources', async () => {
    await panel().getByText('Clôturer le dossier').click();
    expect(await panel().getByLabel(/Exercice/).isChecked(), 'the proposal is not chosen');
    await panel().getByLabel('Motif', { exact: true }).fill('Exercice terminé');
    await sound(page, session.troubles);
    await looksAt('close');
    await looksAt('close', 360);
    await panel().getByRole('button', { name: 'Clôturer', exact: true }).click();
    await panel().getByText('Conservation échue depuis le').waitFor();
    await panel().getByText('Pourquoi 0 mois').click();
    await panel().getByText(/RGPD, art\. 5/).first().waitFor();
    await sound(page, session.troubles);
  });

  await check('keeping: a legal hold stands in the way until it is lifted', async () => {
    await panel().getByText('Poser un gel').click();
    await panel().getByLabel(/Motif du gel/).fill('Réquisition 12');
    await panel().getByRole('button', { name: 'Poser le gel' }).click();
    await panel().getByText('Réquisition 12').waitFor();
    expect((await panel().getByRole('button', { name: 'Détruire le dossier…' }).count()) === 0, 'it can be destroyed while held');
    await sound(page, session.troubles);
    await looksAt('held');
    await panel().getByRole('button', { name: 'Lever le gel' }).click();
    await panel().getByLabel('Motif de la levée').fill('Classement');
    await panel().getByRole('button', { name: 'Lever', exact: true }).click();
    await panel().getByText('Classement').waitFor();
    await panel().getByRole('button', { name: 'Détruire le dossier…' }).waitFor();
    await sound(page, session.troubles);
    await looksAt('due');
    await looksAt('due', 360);
  });

  await check('keeping: the list of incidents and the situation tell what is due', async () => {
    await page.evaluate(() => { location.hash = '#/'; });
    await page.getByText('La conservation d’un dossier est échue').waitFor();
    await sound(page, session.troubles);
    await looksAt('list');
    await place('situation');
    await page.getByText('Conservation échue depuis le').waitFor();
    await sound(page, session.troubles);
    await place('report');
    await panel().waitFor();
  });

  await check('keeping: destroying asks for the reference and a reason, and leaves the proof', async () => {
    await panel().getByRole('button', { name: 'Détruire le dossier…' }).click();
    const destroy = dialog().getByRole('button', { name: 'Détruire définitivement' });
    await dialog().getByLabel('Motif de la destruction').fill('Durée échue');
    expect(await destroy.isDisabled(), 'without the reference');
    await dialog().getByLabel(/Pour confirmer/).fill(reference);
    await sound(page, session.troubles);
    await looksAt('destroy');
    await looksAt('destroy', 360);
    await destroy.click();
    await panel().getByText('Durée échue').waitFor();
    await sound(page, session.troubles);
    await looksAt('destroyed');
    await looksAt('destroyed', 360);
    const audit = await api('GET', `/incidents/${id}/journal/verify`);
    expect(audit.good && audit.destroyed > 1 && audit.lines === audit.destroyed + 1, JSON.stringify(audit));
    await place('journal');
    await page.getByText('Dossier détruit à la fin de sa conservation').waitFor();
    expect((await page.getByText('Une ligne de l’exercice').count()) === 0, 'destroyed words are still on the screen');
    await sound(page, session.troubles);
    await place('situation');
    await page.getByText('Détruit le').first().waitFor();
    expect((await page.getByRole('button', { name: 'Ajouter un compte' }).count()) === 0, 'work is still offered');
    await sound(page, session.troubles);
    await looksAt('destroyed-situation');
  });

  await check('keeping: in English, too', async () => {
    await page.evaluate(() => { localStorage.setItem('digue.language', 'en'); localStorage.setItem('digue.theme', 'dark'); });
    await place('report');
    await page.reload();
    await page.getByRole('heading', { name: 'Closing and retention' }).waitFor();
    await sound(page, session.troubles);
    await looksAt('destroyed-en');
  });
} finally {
  await session.browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
process.exit(close());
