// Establishments, clocks, drafts, filings and the register, in a real browser against a real server.
//
//   node tests/web/duties_test.mjs build/release/digue [--shots DIR]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: duties_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('declarations', 'no Chromium on this machine');
  process.exit(close());
}

const server = await startServer(program);
const origin = new URL(server.link).origin;
const session = await open(origin);
const page = await session.newPage();
const dialog = () => page.locator('dialog[open]');
const LOOKS = [['fr', 'light', 1360], ['fr', 'dark', 360], ['en', 'dark', 1360], ['en', 'light', 360]];

async function settle() {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => ![...document.querySelectorAll('main [role=status]')].some((node) => /^(Lecture en cours|Reading)/.test(node.textContent ?? '')));
}
async function go(hash) {
  await goTo(page, hash);
  await settle();
}
async function looks(name, hash) {
  for (const [language, theme, width] of LOOKS) {
    await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
    await page.evaluate(([lang, look]) => {
      localStorage.setItem('digue.language', lang);
      localStorage.setItem('digue.theme', look);
    }, [language, theme]);
    await page.reload();
    await go(hash);
    await page.waitForTimeout(400);
    if (shots) {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${name}-${language}-${theme}-${width}.png`), fullPage: true });
    }
    await sound(page, session.troubles);
  }
  await page.setViewportSize({ width: 1360, height: 900 });
  await page.evaluate(() => {
    localStorage.setItem('digue.language', 'fr');
    localStorage.setItem('digue.theme', 'light');
  });
  await page.reload();
  await settle();
}
const card = (title) => page.locator('article.duty', { has: page.getByRole('heading', { name: title, exact: true }) });

let incident = '';
let at = '';
try {
  await check('help: CERT Santé is reachable before sign-in', async () => {
    await page.goto(`${origin}/`);
    await settle();
    await page.getByRole('button', { name: /aide/i }).click();
    await dialog().getByText('09\u00a072\u00a043\u00a091\u00a025').first().waitFor();
    await sound(page, session.troubles);
    await page.keyboard.press('Escape');
  });

  await page.goto(server.link);
  await page.reload();
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  incident = await page.evaluate(() => fetch('./api/v1/incidents', {
    method: 'POST', headers: { 'X-Digue-Request': '1' }, body: JSON.stringify({ title: 'Boîte de cardiologie', description: '', confirmed: true, exercise: false }),
  }).then((answer) => answer.json()).then((answer) => answer.id));
  at = `#/incident/${incident}/declarations`;

  await check('declarations: shown before any establishment is known', async () => {
    await go(at);
    await card('CERT Santé\u00a0: déclarer l’incident').waitFor();
    await page.getByText('Aucun établissement n’est renseigné').waitFor();
    await sound(page, session.troubles);
  });

  await check('establishments: two are recorded, and a contact', async () => {
    await go('#/incidents');
    await page.getByRole('link', { name: 'Établissements et contacts' }).click();
    await page.getByRole('heading', { level: 1, name: 'Établissements et contacts' }).waitFor();
    for (const [name, insurer] of [['CH du Nord', 'Mutuelle'], ['CH du Sud', '']]) {
      await page.getByRole('button', { name: 'Ajouter un établissement' }).click();
      await page.locator('#e-name').fill(name);
      await page.locator('#e-finess').fill('590000018');
      await page.locator('#e-insurer').fill(insurer);
      await page.locator('#e-domains').fill('ch-nord.fr');
      await page.getByRole('button', { name: 'Enregistrer la fiche' }).click();
      await page.getByRole('button', { name: `Modifier\u00a0: ${name}` }).waitFor();
    }
    await page.getByRole('button', { name: 'Ajouter un contact' }).click();
    await page.locator('#c-name').fill('Astreinte du Nord');
    await page.locator('#c-phone').fill('03 00 00 00 00');
    await page.getByRole('button', { name: 'Enregistrer le contact' }).click();
    await page.getByRole('link', { name: '03\u00a000\u00a000\u00a000\u00a000' }).waitFor();
    await looks('directory', '#/establishments');
  });

  await check('establishments: a wrong number is refused in words, what was typed stays', async () => {
    await page.getByRole('button', { name: 'Modifier\u00a0: CH du Sud' }).click();
    await page.locator('#e-siren').fill('12');
    await page.getByRole('button', { name: 'Enregistrer la fiche' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('#e-siren').inputValue() === '12', 'what was typed is lost');
    await page.getByRole('button', { name: 'Fermer' }).click();
  });

  await check('declarations: the establishment concerned is chosen, its clock is started', async () => {
    await go(at);
    await page.getByLabel('CH du Nord').check();
    await page.getByRole('heading', { name: 'Déclarations\u00a0: CH du Nord' }).waitFor();
    await card('CNIL\u00a0: notification initiale').getByRole('button', { name: /^Noter\s:/ }).click();
    await dialog().getByLabel('Ce qui s’est passé').fill('Appel de la victime, message vu');
    await sound(page, session.troubles);
    await dialog().getByRole('button', { name: 'Enregistrer l’instant' }).click();
    await card('CNIL\u00a0: notification initiale').getByText(/Il reste 2\u00a0j 23\u00a0h|Il reste 71\u00a0h|Il reste 3\u00a0j/).waitFor();
  });

  await check('declarations: CERT Santé and CNIL are filed with their receipts', async () => {
    for (const [title, receipt] of [['CERT Santé\u00a0: déclarer l’incident', 'CS-2026-1'], ['CNIL\u00a0: notification initiale', 'FR-2026-1']]) {
      await card(title).getByRole('button', { name: 'Brouillon à copier' }).click();
      await dialog().locator('pre').last().waitFor();
      expect((await dialog().locator('pre').last().innerText()).includes('CH du Nord'), 'the draft does not name the establishment');
      await page.keyboard.press('Escape');
      await card(title).getByRole('button', { name: 'Noter la déclaration' }).click();
      await dialog().getByLabel('Numéro de récépissé').fill(receipt);
      await dialog().getByRole('button', { name: 'Enregistrer' }).click();
      await card(title).getByText(receipt).waitFor();
      await card(title).locator('.badge', { hasText: 'Faite' }).waitFor();
    }
    const entries = await page.evaluate((id) => fetch(`./api/v1/incidents/${id}/journal`).then((answer) => answer.json()), incident);
    for (const receipt of ['CS-2026-1', 'FR-2026-1']) expect(entries.entries.some((line) => line.text.includes(receipt)), `${receipt} is not in the journal`);
  });

  await check('declarations: a person decides otherwise, and the register is written', async () => {
    await card('Plainte').getByRole('button', { name: 'Décider autrement' }).click();
    await dialog().getByLabel('L’obligation ne s’applique pas').check();
    await dialog().getByLabel('Motif de la décision').fill('déjà déposée par le groupement');
    await dialog().getByRole('button', { name: 'Consigner la décision' }).click();
    await page.getByText('Ce qui ne s’applique pas ici').click();
    await card('Plainte').getByText('déjà déposée par le groupement').waitFor();
    await page.getByRole('button', { name: 'Compléter' }).click();
    await page.getByLabel('Faits').fill('Lecture de la boîte de cardiologie');
    await page.getByRole('button', { name: 'Enregistrer au registre' }).click();
    await page.locator('section', { has: page.getByRole('heading', { name: 'Registre des violations' }) }).getByText('Lecture de la boîte').waitFor();
    await looks('declarations', at);
  });

  await check('situation: the clocks stand there; help says who to call', async () => {
    await go(`#/incident/${incident}/situation`);
    await page.getByRole('heading', { name: 'Horloges des déclarations' }).waitFor();
    await page.getByRole('button', { name: 'Demander de l’aide' }).click();
    await dialog().getByRole('heading', { name: 'Qui appeler maintenant' }).waitFor();
    await dialog().getByText('CERT Santé').first().waitFor();
    await sound(page, session.troubles);
    if (shots) await page.screenshot({ path: join(shots, 'help.png') });
    await page.keyboard.press('Escape');
  });

  await check('declarations: printed, contacts and clocks are on paper', async () => {
    await go(at);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('a.phone:visible', { hasText: '09\u00a072\u00a043\u00a091\u00a025' }).count() > 0, 'no phone on paper');
    expect(await page.getByText('Ouvrir notifications.cnil.fr').isVisible(), 'the steps of filing are not on paper');
    expect(await page.getByText('Horloges des déclarations').isVisible(), 'no clocks on paper');
    if (shots) await page.screenshot({ path: join(shots, 'declarations-print.png'), fullPage: true });
    await page.emulateMedia({ media: 'screen' });
  });
} finally {
  await session.browser.close();
  await server.stop();
}
process.exit(close());
