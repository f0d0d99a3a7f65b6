// A team at work on one incident, in real browsers against a real server: many tabs, who is here, two people at one field, a full disk.
//
//   node tests/web/live_test.mjs build/release/digue [--shots DIR]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: live_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('a team', 'no Chromium on this machine');
  process.exit(close());
}

/** One person in a browser of their own. */
async function person(name, link) {
  const session = await open(new URL(link).origin);
  const page = await session.newPage();
  await page.goto(link);
  await page.getByLabel('Votre nom').fill(name);
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  const call = (method, path, body) => page.evaluate(([verb, address, value]) => fetch(`./api/v1${address}`, {
    method: verb, headers: { 'X-Digue-Request': '1', 'Content-Type': 'application/json' }, body: value === undefined ? undefined : JSON.stringify(value),
  }).then((answer) => answer.json()), [method, path, body]);
  return { name, session, page, call, origin: new URL(link).origin };
}
async function at(page, origin, incident, place, heading) {
  await page.goto(`${origin}/#/incident/${incident}/${place}`);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
}
async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  for (const width of [1360, 360]) {
    await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
    await page.screenshot({ path: join(shots, `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1360, height: 900 });
}
const write = (who, incident, text) => who.call('POST', `/incidents/${incident}/journal`, { text });

const server = await startServer(program);
const roche = await person('A. Roche', server.link);
const diop = await person('B. Diop', (await roche.call('POST', '/session/links', {})).link);
const { id } = await roche.call('POST', '/incidents', { title: 'Boîte compromise', description: '', confirmed: true, exercise: false });
const page = roche.page;

await check('many tabs: one stream for the browser, and each tab is told', async () => {
  let streams = 0;
  roche.session.context.on('request', (request) => { if (new URL(request.url()).pathname.endsWith('/live')) streams += 1; });
  await at(page, roche.origin, id, 'journal', 'Main courante');
  const tabs = [];
  for (let i = 0; i < 9; i += 1) {
    const tab = await roche.session.newPage();
    await at(tab, roche.origin, id, 'journal', 'Main courante');
    tabs.push(tab);
  }
  await write(diop, id, 'Une ligne pour tous');
  for (const tab of [page, ...tabs]) await tab.locator('article.line', { hasText: 'Une ligne pour tous' }).waitFor();
  expect(streams <= 1, `${streams} streams were opened by ten tabs`);
  for (const tab of tabs) await tab.close();
});

await check('when the tab that holds the stream goes, the others go on and miss nothing', async () => {
  const second = await roche.session.newPage();
  await at(second, roche.origin, id, 'journal', 'Main courante');
  await page.goto('about:blank');
  await write(diop, id, 'Après le départ du premier onglet');
  await second.locator('article.line', { hasText: 'Après le départ du premier onglet' }).waitFor();
  await second.close();
  await at(page, roche.origin, id, 'situation', 'Situation');
});

await check('who is here: the colleague, the place, and what is being changed', async () => {
  await page.getByText('Personne d’autre ici').waitFor();
  await at(diop.page, diop.origin, id, 'plan', 'Plan d’action');
  await page.locator('.here summary', { hasText: 'B. Diop' }).waitFor();
  await page.locator('.here summary').click();
  await page.locator('.here li', { hasText: 'Plan d’action' }).waitFor();
  await page.getByRole('navigation').getByText('ici : B. Diop').first().waitFor({ state: 'attached' });
  await sound(page, roche.session.troubles);
  await shot(page, 'here');
  await diop.page.goto(`${diop.origin}/#/incidents`);
  await page.getByText('Personne d’autre ici').waitFor();
});

await check('two people at one task: what both wrote is shown, nothing typed is lost, one chooses', async () => {
  await at(page, roche.origin, id, 'plan', 'Plan d’action');
  const card = page.locator('[id="action-1.a"]');
  await card.getByRole('button', { name: /^Modifier/ }).first().click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByLabel('En cours').check();
  await dialog.getByLabel('Qui s’en charge').fill('A. Roche');
  await dialog.getByLabel('Précision').fill('Je m’en charge.');
  const task = (await diop.call('GET', `/incidents/${id}/tasks`)).find((one) => one.action === '1.a');
  await diop.call('PATCH', `/incidents/${id}/tasks/${task.id}`, { owner: 'B. Diop', proof: 'appel au support', based_on: task.changed });
  const choice = dialog.getByRole('alert', { name: 'Deux versions d’un même champ' });
  await choice.getByText('Celle de B. Diop').first().waitFor();
  expect((await dialog.getByLabel('Qui s’en charge').inputValue()) === 'A. Roche', 'what was typed is gone');
  expect((await dialog.getByLabel('Précision').inputValue()) === 'Je m’en charge.', 'the reason is gone');
  expect(await dialog.getByRole('button', { name: 'Enregistrer l’état' }).isDisabled(), 'it can be saved without a choice');
  await sound(page, roche.session.troubles);
  await shot(page, 'choice');
  await choice.getByRole('button', { name: /^Garder la mienne/ }).click();
  await choice.waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Enregistrer l’état' }).click();
  await dialog.waitFor({ state: 'detached' });
  const kept = (await diop.call('GET', `/incidents/${id}/tasks`)).find((one) => one.action === '1.a');
  expect(kept.owner === 'A. Roche' && kept.state === 'in_progress' && kept.proof === 'appel au support', JSON.stringify(kept));
});

await check('fields that only one of two changed are both kept, without a question', async () => {
  await at(page, roche.origin, id, 'declarations', 'Déclarations');
  await page.getByRole('button', { name: 'Compléter' }).first().click();
  await page.locator('#breach-nature').fill('Accès à la boîte');
  await diop.call('PUT', `/incidents/${id}/breaches`, { establishment: '', facts: 'Hameçonnage le 3 mars' });
  await page.locator('#breach-facts').evaluate((node) => new Promise((resolve) => {
    const timer = setInterval(() => { if (node.value) { clearInterval(timer); resolve(); } }, 50);
  }));
  await page.getByText('B. Diop a modifié cette fiche pendant votre saisie').waitFor();
  await sound(page, roche.session.troubles);
  await shot(page, 'merged');
  await page.getByRole('button', { name: /^Enregistrer/ }).last().click();
  await page.locator('#breach-nature').waitFor({ state: 'detached' });
  const [line] = await diop.call('GET', `/incidents/${id}/breaches`);
  expect(line.texts.nature === 'Accès à la boîte' && line.texts.facts === 'Hameçonnage le 3 mars', JSON.stringify(line));
});

await check('two people qualify at once: what only one answered is kept, what both answered is chosen', async () => {
  await at(page, roche.origin, id, 'situation?view=qualification', 'Qualification');
  const [mine, theirs, both] = await page.locator('fieldset[data-question]').evaluateAll((nodes) => nodes.slice(1, 4).map((node) => node.dataset.question));
  const radio = (question, answer) => page.locator(`fieldset[data-question="${question}"] input[value="${answer}"]`);
  await radio(mine, 'yes').check();
  await radio(both, 'no').check();
  await diop.call('POST', `/incidents/${id}/qualification`, { answers: { [theirs]: 'yes', [both]: 'yes' }, judgements: {}, note: '', based_on: 0 });
  const choice = page.getByRole('alert', { name: 'Deux versions d’un même champ' });
  await choice.getByText('Celle de B. Diop').first().waitFor();
  expect(await radio(mine, 'yes').isChecked() && await radio(theirs, 'yes').isChecked() && await radio(both, 'no').isChecked(), 'an answer is gone');
  const save = page.getByRole('button', { name: 'Enregistrer la qualification' });
  expect(await save.isDisabled(), 'it can be saved without a choice');
  await sound(page, roche.session.troubles);
  await shot(page, 'qualification');
  await choice.getByRole('button', { name: /^Prendre la sienne/ }).click();
  await choice.waitFor({ state: 'detached' });
  if (await page.locator('#again-reason').count()) await page.locator('#again-reason').fill('réponses de deux personnes');
  await save.click();
  await page.getByRole('heading', { level: 1, name: 'Situation' }).waitFor();
  const { current } = await diop.call('GET', `/incidents/${id}/qualification`);
  expect(current.version === 2 && [mine, theirs, both].every((question) => current.answers[question] === 'yes'), JSON.stringify(current.answers));
});

await check('a session that ends elsewhere ends the page', async () => {
  const other = await diop.session.newPage();
  await at(other, diop.origin, id, 'situation', 'Situation');
  await diop.call('DELETE', '/session').catch(() => {});
  await other.getByText('terminal').first().waitFor();
});

await roche.session.browser.close();
await diop.session.browser.close();
await server.stop();

// A small file system of its own, in a mount namespace that only the server sees.
const disk = mkdtempSync(join(tmpdir(), 'digue-disk-'));
const small = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=12m none "$0" && exec "$@"', disk];
if (spawnSync(small[0], [...small.slice(1), 'true']).status === 0) {
  await check('a full disk: the page says so, keeps what was typed, and saves it once there is room', async () => {
    const tight = await startServer(program, { inside: small, data: join(disk, 'data') });
    const ballast = join('/proc', String(tight.pid), 'root', disk, 'ballast');
    const one = await person('A. Roche', tight.link);
    try {
      const made = await one.call('POST', '/incidents', { title: 'Disque plein', description: '', confirmed: true, exercise: false });
      await at(one.page, one.origin, made.id, 'journal', 'Main courante');
      const text = `Le disque est plein. ${'x'.repeat(20000)}`;
      await one.page.locator('main').getByLabel('Ce qui s’est passé').fill(text);
      for (let size = 8 << 20; size >= 4096; size >>= 1) {
        try {
          writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
        } catch { /* what fits is written */ }
      }
      const save = one.page.locator('main').getByRole('button', { name: 'Enregistrer', exact: true });
      for (let i = 0; i < 200 && await one.page.locator('main').getByRole('alert').count() === 0; i += 1) {
        await one.page.locator('main').getByLabel('Ce qui s’est passé').fill(text);
        await save.click();
        await one.page.waitForFunction(() => !document.body.innerText.includes('Enregistrement…'));
      }
      await one.page.locator('main').getByRole('alert').getByText(/disque/i).first().waitFor();
      expect((await one.page.locator('main').getByLabel('Ce qui s’est passé').inputValue()) === text, 'what was typed is gone');
      await sound(one.page, one.session.troubles);
      await shot(one.page, 'full');
      const before = (await one.call('GET', `/incidents/${made.id}/journal?limit=500`)).size;
      rmSync(ballast);
      await save.click();
      await one.page.getByText(/^✓ Enregistré/).waitFor();
      const { size } = await one.call('GET', `/incidents/${made.id}/journal?limit=500`);
      expect(size === before + 1, `${before} lines, then ${size}`);
    } finally {
      await one.session.browser.close();
      await tight.stop();
    }
  });
} else {
  skip('a full disk', 'no mount namespace for this user');
}
rmSync(disk, { recursive: true, force: true });
process.exit(close());
