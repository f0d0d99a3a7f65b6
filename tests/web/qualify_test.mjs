// Qualification, P0 with the keyboard alone, and the life of tasks, in a real browser against a real server.
//
//   node tests/web/qualify_test.mjs build/release/digue [--shots DIR]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: qualify_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('qualification', 'no Chromium on this machine');
  process.exit(close());
}

const VICTIM = 'c.moreau@ch-exemple.fr';
const P0 = ['1.a', '1.b', '1.c', '2.a', '2.b', '2.c'];
const server = await startServer(program);
const origin = new URL(server.link).origin;
const session = await open(origin);
const page = await session.newPage();
const dialog = () => page.locator('dialog[open]');
const api = (path) => page.evaluate((address) => fetch(address).then((answer) => answer.json()), `./api/v1${path}`);

async function settle() {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => ![...document.querySelectorAll('main [role=status]')].some((node) => /^(Lecture en cours|Reading)/.test(node.textContent ?? '')));
}
async function place(name) {
  await goTo(page, `#/incident/${incident}/${name}`);
  await settle();
}
/** Presses Tab until the element in focus is the one wanted; fails when a whole round does not reach it. */
async function tabTo(selector, key = 'Tab') {
  for (let i = 0; i < 400; i += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}
/** The page in the looks that differ most, each audited. */
async function looks(name, list) {
  for (const [language, theme, width] of list) {
    await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
    await page.evaluate(([lang, look]) => {
      localStorage.setItem('digue.language', lang);
      localStorage.setItem('digue.theme', look);
    }, [language, theme]);
    await page.reload();
    await settle();
    await page.waitForTimeout(300);
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
const ALL = [['fr', 'light', 1360], ['fr', 'dark', 360], ['en', 'dark', 1360], ['fr', 'light', 360]];

let incident = '';
try {
  await page.goto(server.link);
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  incident = await page.evaluate(() => fetch('./api/v1/incidents', {
    method: 'POST', headers: { 'X-Digue-Request': '1' }, body: JSON.stringify({ title: 'Boîte de cardiologie', description: '', confirmed: false, exercise: false }),
  }).then((answer) => answer.json()).then((answer) => answer.id));

  await check('situation: nobody has qualified yet, precautions and the capability check stand there', async () => {
    await place('situation');
    await page.getByText('Personne n’a encore qualifié').waitFor();
    await page.getByText('Non confirmé').waitFor();
    await page.getByRole('heading', { name: 'Pouvez-vous agir' }).waitFor();
    await looks('situation-new', [['fr', 'light', 1360], ['fr', 'light', 360]]);
  });

  await check('keyboard alone: the qualification, to a major incident', async () => {
    await page.keyboard.press('Escape');
    await tabTo('a[href*="view=qualification"]');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Qualification' }).waitFor();
    await tabTo('input[name="answer-confirmed"]');
    const letters = { confirmed: 'o', patient_data: 'o', mail_sent_outside: 'o', ongoing: 'j', cause_known: 'j', other_accounts: 'j' };
    const asked = await page.locator('[data-question]').evaluateAll((all) => all.map((one) => one.dataset.question));
    expect(asked.length === 21, `${asked.length} questions`);
    for (const id of asked) {
      const here = await page.evaluate(() => document.activeElement?.closest('[data-question]')?.dataset.question);
      expect(here === id, `the focus is in ${here} instead of ${id}`);
      await page.keyboard.press(letters[id] ?? 'n');
    }
    await page.getByText('Réponses\u00a0: 21 sur 21').waitFor();
    await page.locator('.suggested', { hasText: 'Incident majeur' }).waitFor();
    await tabTo('input[name="severity"]');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowDown');
    expect(await page.locator('input[name="severity"]:checked').inputValue() === 'major', 'the arrows do not reach major');
    await tabTo('button[type="submit"]');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Situation' }).waitFor();
    await page.locator('.grade', { hasText: 'Incident majeur' }).waitFor();
    expect((await api(`/incidents/${incident}`)).severity === 'major', 'the severity is not stored');
  });

  await check('keyboard alone: an account is added and all of P0 is done with its proofs', async () => {
    await page.locator('main').focus();
    await page.keyboard.press('2');
    await page.getByRole('heading', { level: 1, name: 'Plan d’action' }).waitFor();
    await page.locator('article.action').first().waitFor();
    await page.locator('main').focus();
    await tabTo('main input[type="search"]');
    for (let i = 0; i < 12 && (await page.evaluate(() => document.activeElement?.textContent)) !== 'Ajouter un compte'; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#add-account').waitFor();
    await tabTo('#add-account');
    await page.keyboard.type(VICTIM);
    await page.keyboard.press('Tab');
    await page.keyboard.type('appel de la victime');
    await page.keyboard.press('Enter');
    await page.locator('[id="action-1.a"] .target', { hasText: VICTIM }).waitFor();
    for (const action of P0) {
      await tabTo(`button[aria-label^="Commencer ${action} "]`);
      await page.keyboard.press('Enter');
      await dialog().waitFor();
      expect(await page.evaluate(() => document.activeElement?.matches('input[name="state"]')), 'the dialog does not take the focus');
      for (let i = 0; i < 2; i += 1) await page.keyboard.press('ArrowDown');
      await tabTo('#task-proof');
      await page.keyboard.type(`${action} relu sur la plateforme`);
      await tabTo('dialog button[type="submit"]');
      await page.keyboard.press('Enter');
      await dialog().waitFor({ state: 'detached' });
      await page.locator(`[id="action-${action}"] .tasks .badge`, { hasText: 'Fait' }).first().waitFor();
    }
    const tasks = await api(`/incidents/${incident}/tasks`);
    expect(P0.every((action) => tasks.some((task) => task.action === action && task.target === VICTIM && task.state === 'done' && task.proof)), 'P0 is not done');
  });

  await check('situation: contained, not resolved, with the list of what remains', async () => {
    await page.locator('main').focus();
    await page.keyboard.press('1');
    await page.getByRole('heading', { name: 'ce qui reste' }).waitFor();
    const text = await page.locator('.remains').innerText();
    for (const word of ['Mesures en vigueur', '1.a', '4.a', 'L’intrus agit-il encore']) expect(text.includes(word), `no ${word} in the list`);
    await page.locator('section[aria-labelledby="force"]').getByText('Bloquer le compte de messagerie').waitFor();
  });

  await check('plan: measures done, due times, raised actions with their reason', async () => {
    await place('plan');
    await page.getByText('Mesure faite').nth(1).waitFor();
    expect(await page.getByText('Mesure faite').count() === 2, 'M1 and M2 are not shown as done');
    await page.locator('[id="action-6.b"]').getByText('Des données de patients ont pu être lues', { exact: false }).first().waitFor();
    await page.locator('[id="action-4.a"]').getByText('Échéance').first().waitFor();
    await looks('plan', ALL);
  });

  await check('plan: a workstation by name, then a cause that is found opens it again', async () => {
    await page.getByRole('button', { name: 'Ajouter un poste' }).click();
    await page.getByLabel('Nom du poste').fill('PC-CARDIO-3');
    await page.locator('#add-workstation-account').selectOption(VICTIM);
    await page.locator('form').getByRole('button', { name: 'Ajouter un poste' }).click();
    await page.getByRole('button', { name: 'Modifier 5 PC-CARDIO-3' }).click();
    await dialog().getByLabel('Sans objet').check();
    await dialog().getByLabel('Pourquoi (obligatoire)').fill('Hameçonnage supposé');
    await dialog().getByRole('button', { name: 'Enregistrer l’état' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: `Modifier 7.b ${VICTIM}` }).click();
    await dialog().getByLabel('Fait', { exact: true }).check();
    expect(await dialog().getByRole('button', { name: 'Enregistrer l’état' }).isDisabled(), 'done without proof and without reason');
    await dialog().getByLabel('Preuve (ce qui montre que c’est fait)').fill('Pièce 3');
    await dialog().getByLabel('La façon dont l’accès a été volé est connue', { exact: false }).or(dialog().getByLabel('La façon dont l\'accès a été volé est connue', { exact: false })).first().check();
    await sound(page, session.troubles);
    if (shots) await page.screenshot({ path: join(shots, 'task-dialog.png') });
    await dialog().getByRole('button', { name: 'Enregistrer l’état' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.locator('[id="action-5"] .tasks .badge', { hasText: 'rouvert' }).waitFor();
  });

  await check('situation: a measure in force is lifted with a reason', async () => {
    await place('situation');
    await page.getByRole('button', { name: `Décider de la mesure 1.a ${VICTIM}` }).click();
    await dialog().getByLabel('La lever').check();
    expect(await dialog().getByRole('button', { name: 'Enregistrer l’état' }).isDisabled(), 'no reason was asked');
    await dialog().getByLabel('Pourquoi (obligatoire)').fill('Compte remis en état avec la victime');
    await dialog().getByRole('button', { name: 'Enregistrer l’état' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.locator('section[aria-labelledby="force"]').getByText('Aucune mesure en vigueur').waitFor();
  });

  await check('situation: capabilities are answered, stages opened and closed', async () => {
    const capabilities = page.locator('section[aria-labelledby="capabilities"]');
    await capabilities.getByLabel('Non').nth(2).check();
    await capabilities.getByText('Demandez l’accès ou un export maintenant', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Ouvrir l’étape Endiguement' }).click();
    await page.getByRole('button', { name: 'Fermer l’étape Endiguement' }).click();
    await page.getByRole('button', { name: 'Ouvrir l’étape Endiguement' }).waitFor();
    expect((await api(`/incidents/${incident}/stages`)).find((stage) => stage.id === 'containment').spans[0].closed, 'the stage is not closed');
  });

  await check('qualification: again, with its reason, another severity with its own; what changed is shown', async () => {
    await page.getByRole('link', { name: 'Qualifier à nouveau' }).click();
    await page.locator('input[name="answer-ongoing"][value="yes"]').check();
    await page.locator('input[name="severity"][value="crisis"]').check();
    await page.getByLabel('Pourquoi une autre gravité que celle suggérée (obligatoire)').fill('La direction ouvre la cellule de crise');
    await page.getByLabel('Pourquoi qualifier à nouveau (obligatoire)').fill('Nouvelle connexion à 22 h');
    await page.waitForTimeout(300);
    await looks('qualification', ALL);
    expect((await page.getByLabel('Pourquoi qualifier à nouveau (obligatoire)').inputValue()) === 'Nouvelle connexion à 22 h', 'the draft is lost by a reload');
    await page.getByRole('button', { name: 'Enregistrer la qualification' }).click();
    await page.locator('.grade', { hasText: 'Crise cyber' }).waitFor();
    await page.getByText('Versions et ce qui a changé').click();
    const text = await page.locator('.versions').innerText();
    for (const word of ['Nouvelle connexion à 22 h', 'La direction ouvre la cellule de crise', 'Je ne sais pas → Oui', 'Première qualification']) expect(text.includes(word), `no “${word}” in the versions`);
  });

  await check('situation: whole, in every look', async () => {
    await looks('situation', ALL);
  });

  await check('print: what remains is printed alone', async () => {
    await page.evaluate(() => { document.documentElement.dataset.print = 'remains'; });
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.remains').isVisible(), 'the list is not printed');
    expect(!(await page.locator('section[aria-labelledby="stages"]').isVisible()), 'the rest is printed too');
    await page.emulateMedia({ media: null });
  });
} finally {
  await session.browser.close();
  await server.stop();
}
process.exit(close());
