// A whole response as someone plays it who never saw Digue: open, qualify as a major incident, two accounts, all 22 actions from P0 to P3 with
// guided commands of three platforms, qualify again, declare to CERT Santé and the CNIL.
//
//   node tests/web/response_test.mjs build/release/digue [--shots DIR]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: response_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('a whole response', 'no Chromium on this machine');
  process.exit(close());
}

const VICTIMS = ['c.moreau@ch-exemple.fr', "o'brien;x@ch-exemple.fr"];
const PLATFORMS = { '1.a': 'microsoft365', '2.a': 'dovecot_postfix', '4.a': 'active_directory' };
const server = await startServer(program);
const origin = new URL(server.link).origin;
const session = await open(origin);
const page = await session.newPage();
const dialog = () => page.locator('dialog[open]');
const api = (path) => page.evaluate((address) => fetch(address).then((answer) => answer.json()), `./api/v1${path}`);
const card = (id) => page.locator(`[id="action-${id}"]`);

async function place(name) {
  await goTo(page, `#/incident/${incident}/${name}`);
  await page.locator('h1').first().waitFor();
}
async function shot(name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `response-${name}.png`), fullPage: true });
}
async function qualify(answers, severity, reason = '') {
  await page.locator('input[name="answer-confirmed"]').first().waitFor();
  for (const [id, value] of Object.entries(answers)) await page.locator(`input[name="answer-${id}"][value="${value}"]`).check();
  await page.locator(`input[name="severity"][value="${severity}"]`).check();
  if (reason) await page.getByLabel('Pourquoi qualifier à nouveau (obligatoire)').fill(reason);
  const other = page.getByLabel('Pourquoi une autre gravité que celle suggérée (obligatoire)');
  if (await other.count() > 0) await other.fill('Décision de la direction');
  await page.getByRole('button', { name: 'Enregistrer la qualification' }).click();
  await page.getByRole('heading', { level: 1, name: 'Situation' }).waitFor();
}

let incident = '';
try {
  await page.goto(server.link);
  await page.getByLabel('Votre nom').fill('Camille Roux');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();

  await check('an incident is opened from the list', async () => {
    await page.getByRole('button', { name: 'Nouveau dossier' }).first().click();
    await page.locator('#title').fill('Boîte du secrétariat de cardiologie');
    await page.getByRole('button', { name: 'Ouvrir le dossier' }).click();
    await page.getByRole('heading', { level: 1, name: 'Situation' }).waitFor();
    incident = (await page.evaluate(() => location.hash)).split('/')[2];
  });

  await check('it is qualified as a major incident', async () => {
    await page.locator('a[href*="view=qualification"]').first().click();
    await qualify({ confirmed: 'yes', patient_data: 'yes', personal_data: 'yes', mail_sent_outside: 'yes', other_accounts: 'unknown', system_wide: 'no' }, 'major');
    await page.locator('.grade', { hasText: 'Incident majeur' }).waitFor();
    expect((await api(`/incidents/${incident}`)).severity === 'major', 'the severity is not kept');
  });

  await check('two accounts join: measures 1 and 2 are there for each', async () => {
    await place('plan');
    for (const victim of VICTIMS) {
      await page.getByRole('button', { name: 'Ajouter un compte' }).click();
      await page.locator('#add-account').fill(victim);
      await page.keyboard.press('Tab');
      await page.keyboard.type('appel de la victime');
      await page.keyboard.press('Enter');
      await card('1.a').locator('.target', { hasText: victim }).waitFor();
    }
    const tasks = await api(`/incidents/${incident}/tasks`);
    for (const id of ['1.a', '1.b', '1.c', '2.a', '2.b', '2.c'])
      expect(VICTIMS.every((victim) => tasks.some((task) => task.action === id && task.target === victim)), `${id} is not there for each account`);
  });

  for (const [id, platform] of Object.entries(PLATFORMS)) {
    await check(`${id}: the commands of ${platform}, and the answer kept as proof`, async () => {
      if ((await card(id).locator(':scope > details').getAttribute('open')) === null) await card(id).locator(':scope > details > summary').click();
      const panel = card(id).locator('details.guided');
      await panel.locator('summary').first().click();
      await panel.locator('select').first().selectOption(platform);
      await panel.locator('pre:visible').first().waitFor();
      const commands = (await panel.locator('pre:visible').allInnerTexts()).join('\n');
      expect(commands.includes('c.moreau') || commands.includes('brien'), `no account in ${commands.slice(0, 200)}`);
      expect(!commands.includes("o'brien;x@ch-exemple.fr;"), 'a hostile name ends its quotes');
      await panel.locator('button[aria-expanded]:visible').first().click();
      await panel.locator('textarea:visible').fill('AccountEnabled : False');
      await panel.locator('form.paste button[type="submit"]').click();
      const task = (await api(`/incidents/${incident}/tasks`)).filter((one) => one.action === id);
      for (let i = 0; i < 100; i += 1) {
        const kept = (await Promise.all(task.map((one) => api(`/incidents/${incident}/tasks/${one.id}/proofs`)))).flat();
        if (kept.length === 1) {
          expect(/^[0-9a-f]{64}$/.test(kept[0].sha256) && kept[0].platform === platform, JSON.stringify(kept[0]));
          break;
        }
        await page.waitForTimeout(50);
        expect(i < 99, 'the answer is not kept');
      }
      await shot(`guided-${platform}`);
      await sound(page, session.troubles);
    });
  }

  await check('every task from P0 to P3 is done with its proof, in the order of the plan', async () => {
    const order = await page.locator('article.action').evaluateAll((cards) => cards.map((one) => one.id.replace('action-', '')));
    expect(order.length === 22 && order[0] === '1.a', order.join());
    for (const id of order) {
      const tasks = (await api(`/incidents/${incident}/tasks`)).filter((task) => task.action === id && !['done', 'not_applicable'].includes(task.state));
      for (const task of tasks) {
        const name = `Modifier ${id}${task.target ? ` ${task.target}` : ''}`;
        await card(id).locator('button[aria-label^="Modifier"]').evaluateAll(
          (all, wanted) => all.find((one) => one.getAttribute('aria-label').replace(/\s+/g, ' ').trim() === wanted)?.click(), name);
        await dialog().getByLabel('Fait', { exact: true }).check();
        await dialog().locator('#task-proof').fill(`${id} relu sur la plateforme`);
        const reason = dialog().getByLabel('Pourquoi (obligatoire)');
        if (await reason.count() > 0) await reason.fill('fait dans l’urgence');
        await dialog().getByRole('button', { name: 'Enregistrer l’état' }).click();
        await dialog().waitFor({ state: 'detached' });
      }
    }
    const left = (await api(`/incidents/${incident}/tasks`)).filter((task) => task.state !== 'done');
    expect(left.length === 0, left.map((task) => `${task.action} ${task.target ?? ''}: ${task.state}`).join('\n'));
    await page.getByText('Mesure faite').nth(8).waitFor();
    expect(await page.getByText('Mesure faite').count() === 9, 'not every measure is done');
    await shot('plan-done');
  });

  await check('it is qualified again, and told to CERT Santé and the CNIL', async () => {
    await place('situation');
    await page.getByRole('link', { name: 'Qualifier à nouveau' }).click();
    await qualify({ ongoing: 'no', exfiltration: 'yes' }, 'major', 'Les journaux sont lus');
    await place('declarations');
    const duty = (title) => page.locator('article.duty', { has: page.getByRole('heading', { name: title, exact: true }) });
    await duty('CNIL\u00a0: notification initiale').getByRole('button', { name: /^Noter\s:/ }).click();
    await dialog().getByLabel('Ce qui s’est passé').fill('Appel de la victime');
    await dialog().getByRole('button', { name: 'Enregistrer l’instant' }).click();
    await dialog().waitFor({ state: 'detached' });
    for (const [title, receipt] of [['CERT Santé\u00a0: déclarer l’incident', 'CS-2026-7'], ['CNIL\u00a0: notification initiale', 'FR-2026-7']]) {
      await duty(title).getByRole('button', { name: 'Noter la déclaration' }).click();
      await dialog().getByLabel('Numéro de récépissé').fill(receipt);
      await dialog().getByRole('button', { name: 'Enregistrer' }).click();
      await duty(title).getByText(receipt).waitFor();
    }
    await shot('declared');
    await sound(page, session.troubles);
  });

  await check('the main courante tells all of it, with its author', async () => {
    const lines = [];
    for (let after = ''; after !== null;) {
      const read = await api(`/incidents/${incident}/journal?limit=500&after=${after}`);
      lines.push(...read.entries);
      after = read.next ?? null;
    }
    expect(lines.every((line) => line.author === 'Camille Roux'), 'a line of somebody else');
    const tasks = lines.filter((line) => line.about === 'task.changed');
    for (const id of ['1.a', '5', '9.b']) expect(tasks.some((line) => line.text.includes(id)), `no line of ${id}`);
    for (const receipt of ['CS-2026-7', 'FR-2026-7']) expect(lines.some((line) => line.text.includes(receipt)), `${receipt} is not told`);
  });
} finally {
  await session.browser.close();
  await server.stop();
}
process.exit(close());
