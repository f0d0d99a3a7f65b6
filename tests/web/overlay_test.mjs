// The establishment's card: adapted on the page, imported, refused, seen in the plan, and as a document.
//
//   node tests/web/overlay_test.mjs build/release/digue [--shots DIR]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: overlay_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('the establishment’s card', 'no Chromium on this machine');
  process.exit(close());
}

const server = await startServer(program);
const origin = new URL(server.link).origin;
const session = await open(origin);
const page = await session.newPage();
const LOOKS = [['fr', 'light', 1360], ['fr', 'dark', 360], ['en', 'dark', 1360], ['en', 'light', 360]];

async function look(language, theme, width) {
  await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
  await page.evaluate(([lang, wanted]) => {
    localStorage.setItem('digue.language', lang);
    localStorage.setItem('digue.theme', wanted);
  }, [language, theme]);
}
async function shot(name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}
const post = (path, body) => page.evaluate(([where, what]) => fetch(`./api/v1${where}`, {
  method: 'POST', headers: { 'X-Digue-Request': '1' }, body: JSON.stringify(what) }).then((answer) => answer.json()), [path, body]);
const read = (path) => page.evaluate((where) => fetch(`./api/v1${where}`).then((answer) => answer.json()), path);
const openForm = async () => {
  await page.getByRole('button', { name: 'Adapter la fiche\u00a0: CH d’Exemple' }).click();
  await page.getByRole('form', { name: /CH d’Exemple/ }).waitFor();
};
const action = (id) => page.locator('details', { has: page.locator('summary .id', { hasText: id }) }).first();

try {
  await page.goto(server.link);
  for (const [language, theme, width] of LOOKS)
    await check(`sign-in: ${language}, ${theme}, ${width} px`, async () => {
      await look(language, theme, width);
      await page.reload();
      await page.locator('h1').first().waitFor();
      await sound(page, session.troubles);
      await shot(`signin-${language}-${theme}-${width}`);
    });
  await look('fr', 'light', 1360);
  await page.reload();
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  const incident = (await post('/incidents', { title: 'Boîte', description: '', confirmed: true, exercise: false })).id;
  const establishment = (await post('/establishments', { name: 'CH d’Exemple', finess: '750000018' })).id;

  await check('the card is adapted on the page: a step, a reason, a contact, a platform', async () => {
    await page.goto(`${origin}/#/establishments`);
    await openForm();
    await page.getByLabel('Zimbra').check();
    await action('1.a').locator('summary').click();
    await action('1.a').getByRole('button', { name: 'Ajouter une étape\u00a0: Nos étapes, avant celles de la carte' }).click();
    await action('1.a').getByRole('textbox', { name: 'Étape 1' }).fill('Prévenir le standard');
    await action('1.a').getByLabel('Par qui (rôle ou nom)').fill('Cadre de garde');
    await action('1.a').getByRole('button', { name: 'Ajouter un contact' }).click();
    await action('1.a').getByLabel('Nom', { exact: true }).fill('Éditeur du webmail');
    await action('3.b').locator('summary').click();
    await action('3.b').getByLabel('Sans objet dans notre établissement').check();
    await action('3.b').getByLabel('Motif (obligatoire)').fill('pas de webmail');
    await sound(page, session.troubles);
    await shot('overlay-form-fr-light-1360');
    await page.getByRole('button', { name: 'Enregistrer la fiche' }).click();
    await page.getByRole('form').waitFor({ state: 'detached' });
    const saved = await read(`/establishments/${establishment}/overlay`);
    expect(saved.platforms.join() === 'zimbra', 'platform');
    expect(saved.actions.length === 2 && saved.actions[0].before[0].text === 'Prévenir le standard', JSON.stringify(saved));
    expect(saved.actions[1].not_applicable === 'pas de webmail', 'reason');
  });

  for (const [language, theme, width] of LOOKS)
    await check(`the form, filled: ${language}, ${theme}, ${width} px`, async () => {
      await look(language, theme, width);
      await page.reload();
      await page.getByRole('button', { name: language === 'fr' ? 'Adapter la fiche\u00a0: CH d’Exemple' : 'Adapt the card: CH d’Exemple' }).click();
      await action('1.a').locator('summary').click();
      await action('3.b').locator('summary').click();
      await sound(page, session.troubles);
      await shot(`overlay-form-${language}-${theme}-${width}`);
    });
  await look('fr', 'light', 1360);
  await page.reload();

  await check('a broken file is refused with its line, a good one is taken', async () => {
    await openForm();
    const bad = join(server.data, 'mauvaise.yaml');
    writeFileSync(bad, 'schema: digue.overlay/1\nplatforms: [lotus]\n');
    await page.getByLabel('Importer un fichier YAML').setInputFiles(bad);
    await page.getByRole('alert').getByText('mauvaise.yaml:2').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Exporter (YAML)' }).click()]);
    const good = join(server.data, 'bonne.yaml');
    writeFileSync(good, `${readFileSync(await download.path(), 'utf8')}  - action: "9.b"\n    not_applicable: "sans objet"\n`);
    await page.getByLabel('Importer un fichier YAML').setInputFiles(good);
    await page.getByText('bonne.yaml est en vigueur.').waitFor();
    expect((await read(`/establishments/${establishment}/overlay`)).actions.length === 3, 'the third action');
    await page.getByRole('button', { name: 'Fermer' }).click();
  });

  await check('the plan shows own steps as the establishment’s, and what is not applicable with its reason', async () => {
    await page.goto(`${origin}/#/incident/${incident}/plan?action=1.a`);
    const first = page.locator('#action-1\\.a');
    await first.getByText('Prévenir le standard').waitFor();
    await first.getByText('(Cadre de garde)').waitFor();
    await first.getByText('Éditeur du webmail').waitFor();
    await page.locator('#action-3\\.b .tasks').getByText(/CH d’Exemple.*pas de webmail/).waitFor();
    await sound(page, session.troubles);
    await shot('overlay-plan-fr-light-1360');
    await page.setViewportSize({ width: 360, height: 740 });
    await sound(page, session.troubles);
    await shot('overlay-plan-fr-light-360');
    await page.setViewportSize({ width: 1360, height: 900 });
  });

  await check('the plan: such a task is opened again with a reason only', async () => {
    await page.locator('#action-3\\.b').getByRole('button', { name: /^Modifier/ }).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByLabel('À faire').check();
    expect(await dialog.getByRole('button', { name: 'Enregistrer l’état' }).isDisabled(), 'no reason is asked');
    await dialog.locator('#task-reason').fill('un webmail de secours');
    await dialog.getByRole('button', { name: 'Enregistrer l’état' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await read(`/incidents/${incident}/tasks`)).find((task) => task.action === '3.b').state === 'todo', 'still closed');
  });

  for (const language of ['fr', 'en'])
    await check(`the card as a document, ${language}: valid, accessible, its style allowed`, async () => {
      const paper = await session.newPage();
      await paper.goto(`${origin}/api/v1/establishments/${establishment}/card.html?lang=${language}`);
      await paper.getByText('Prévenir le standard').waitFor();
      expect(await paper.locator('table').first().evaluate((node) => getComputedStyle(node).borderCollapse) === 'collapse', 'its style is refused');
      await sound(paper, session.troubles);
      await paper.setViewportSize({ width: 360, height: 740 });
      if (shots) await paper.screenshot({ path: join(shots, `card-${language}.png`), fullPage: true });
      await sound(paper, session.troubles, { axe: false });
      await paper.close();
    });
} finally {
  await session.browser.close();
  await server.stop();
}
process.exit(close());
