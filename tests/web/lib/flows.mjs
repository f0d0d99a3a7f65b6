// What a person does, step by step, with the answers that the screen must give.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { goTo, sound } from './browser.mjs';
import { check, expect } from './harness.mjs';

const TITLE = 'Boîte du secrétariat de cardiologie';
const NAME = 'Camille Roux';

export function flows({ page, session, server, origin, settle, files }) {
  const dialog = () => page.locator('dialog[open]');
  const api = (path) => page.evaluate((address) => fetch(address).then((answer) => answer.json()), `./api/v1${path}`);
  const place = async (incident, name) => {
    while (await dialog().count() > 0) await page.keyboard.press('Escape');
    await goTo(page, `#/incident/${incident}/${name}`);
    await settle();
  };

  async function signIn() {
    await check('sign-in: without a link the page says where to find one', async () => {
      await page.goto(`${origin}/`);
      await settle();
      expect((await page.locator('main').innerText()).includes('terminal'), 'no word of the terminal');
      await sound(page, session.troubles);
    });
    await check('sign-in: a wrong link is refused in words', async () => {
      await page.goto(`${origin}/#/signin?token=wrong`);
      await page.getByLabel('Votre nom').fill(NAME);
      await page.getByRole('button', { name: 'Entrer' }).click();
      await page.getByRole('alert').waitFor();
      await sound(page, session.troubles);
    });
    await check('sign-in: the link and a name open the list', async () => {
      await page.goto(server.link);
      await page.reload();
      await page.getByLabel('Votre nom').waitFor();
      await sound(page, session.troubles);
      await page.getByLabel('Votre nom').fill(NAME);
      await page.getByRole('button', { name: 'Entrer' }).click();
      await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
      expect(!page.url().includes('token'), 'the token stays in the address');
    });
    await check('sign-in: the link works once', async () => {
      const answer = await page.evaluate((token) => fetch('./api/v1/session', {
        method: 'POST', headers: { 'X-Digue-Request': '1', 'Content-Type': 'application/json' }, body: JSON.stringify({ token, name: 'x' }),
      }).then((response) => response.status), new URL(server.link).hash.split('token=')[1]);
      expect(answer === 403, `a used token was answered ${answer}`);
    });
  }

  async function create() {
    let incident = null;
    await check('incident: a draft survives a reload, then the case opens', async () => {
      await page.getByRole('button', { name: 'Nouveau dossier' }).click();
      await page.getByLabel('Titre').fill(TITLE);
      await page.reload();
      await page.getByLabel('Titre').waitFor();
      expect((await page.getByLabel('Titre').inputValue()) === TITLE, 'the draft is lost');
      await page.getByLabel('C’est un exercice').check();
      await page.getByRole('button', { name: 'Ouvrir le dossier' }).click();
      await page.waitForURL(/#\/incident\/[^/]+\/situation/);
      incident = /incident\/([^/]+)/.exec(page.url())[1];
      await page.getByRole('heading', { level: 1, name: 'Situation' }).waitFor();
    });
    await check('header: severity, TLP, clock with offset, EXERCICE and help are in sight', async () => {
      const header = await page.locator('header.bar').innerText();
      for (const word of ['EXERCICE', 'À qualifier', 'TLP:', 'UTC', 'Demander de l’aide']) expect(header.includes(word), `no ${word} in the header`);
    });
    return incident;
  }

  async function evidence(incident) {
    await check('evidence: files are sent, hashed and listed', async () => {
      await place(incident, 'evidence');
      await page.locator('#files').setInputFiles(files);
      await sound(page, session.troubles);
      await page.getByLabel('Source (machine, système)').fill('srv-mail-01');
      expect((await page.getByLabel('Recueilli par').inputValue()) === NAME, 'who is not proposed');
      await page.getByRole('button', { name: 'Verser au dossier' }).click();
      for (const file of files) {
        const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
        await page.getByText(digest).waitFor({ timeout: 60000 });
        expect(await page.getByRole('button', { name: basename(file), exact: true }).count() === 1, `${basename(file)} is not listed once`);
      }
      const listed = await api(`/incidents/${incident}/exhibits`);
      for (const file of files) {
        const found = listed.find((item) => item.name === basename(file));
        expect(found?.bytes === statSync(file).size, `${basename(file)}: ${found?.bytes} bytes`);
        expect(found.acquisition.source === 'srv-mail-01' && found.acquisition.missing.length === 0, `${basename(file)}: ${JSON.stringify(found.acquisition)}`);
      }
    });
    await check('evidence: the chain of custody tells who received what', async () => {
      await page.getByText('Chaîne de possession').click();
      const rows = page.getByRole('region', { name: 'Chaîne de possession' }).locator('tbody tr', { hasText: 'reçue' });
      await rows.first().waitFor();
      expect(await rows.count() >= files.length, `${await rows.count()} receptions for ${files.length} files`);
      await sound(page, session.troubles);
    });
    await check('evidence: the analysis runs to its end', async () => {
      await page.getByRole('button', { name: 'Lancer l’analyse' }).click();
      await page.getByRole('heading', { name: 'Complétude' }).scrollIntoViewIfNeeded();
      await page.locator('#completeness').locator('xpath=ancestor::section').getByText('Période').first().waitFor({ timeout: 180000 });
      await sound(page, session.troubles);
    });
  }

  async function story(incident) {
    await check('story: accounts, sessions and findings are shown', async () => {
      await place(incident, 'story');
      const { analysis } = await api(`/incidents/${incident}/story`);
      for (const account of analysis.accounts.filter((item) => item.verdict === 'compromised')) {
        await page.locator('.account', { hasText: account.account }).first().waitFor();
      }
      const shown = await page.locator('.finding').count();
      expect(shown === Math.min(40, analysis.findings.length), `${shown} findings on screen, ${analysis.findings.length} in the story`);
    });
    await check('story: evidence addresses are defanged and lead nowhere', async () => {
      const links = await page.locator('main a').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href')));
      expect(links.every((href) => href.startsWith('#') || href.startsWith('./api/')), `a link leaves: ${links.filter((href) => !/^(#|\.\/api)/.test(href))}`);
      const text = await page.locator('main').innerText();
      const raw = /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/.exec(text);
      expect(!raw, `a raw address on screen: ${raw}`);
      expect(text.includes('[.]'), 'no defanged address on screen');
    });
    await check('story: a finding opens its source record, byte for byte', async () => {
      await page.locator('.finding').first().getByRole('button').first().click();
      const source = dialog().getByRole('region', { name: 'Texte de l’enregistrement' });
      await source.waitFor();
      const { analysis } = await api(`/incidents/${incident}/story`);
      const id = (await page.locator('.finding').first().getAttribute('id')).replace('finding-', '');
      const spot = analysis.findings.find((item) => item.id === id).records[0];
      const record = await api(`/incidents/${incident}/record?input=${spot.input}&offset=${spot.offset}&length=${spot.length}`);
      const shown = await source.innerText();
      expect(shown.replace(/\s/g, '').includes(record.text.slice(0, 60).replace(/\s/g, '')), 'the text on screen is not the record');
      await sound(page, session.troubles);
      await page.keyboard.press('Escape');
      await dialog().waitFor({ state: 'detached' });
    });
    await check('story: the filter narrows lists and events as one types', async () => {
      await page.getByLabel('Filtrer sessions').fill('zzzznothing');
      await page.getByText('Aucun événement ne correspond.').waitFor();
      expect(await page.locator('.finding').count() === 0, 'findings remain');
      await page.getByRole('button', { name: 'Effacer le filtre' }).first().click();
      await page.locator('.finding').first().waitFor();
    });
    await check('story: the timeline zooms by keyboard and by dragging', async () => {
      const box = page.getByRole('group', { name: /^Frise/ });
      await box.focus();
      await page.keyboard.press('+');
      await page.getByText('Les listes ci-dessous sont limitées').waitFor();
      await page.keyboard.press('0');
      await page.getByText('Les listes ci-dessous sont limitées').waitFor({ state: 'detached' });
      const area = await box.boundingBox();
      await page.mouse.move(area.x + area.width * 0.5, area.y + 40);
      await page.mouse.down();
      await page.mouse.move(area.x + area.width * 0.8, area.y + 60, { steps: 4 });
      await page.mouse.up();
      await page.getByText('Les listes ci-dessous sont limitées').waitFor();
      await page.getByRole('button', { name: 'Tout voir' }).first().click();
    });
    await check('story: a person says whose a session is, with a reason', async () => {
      await page.locator('.session').first().getByRole('button', { name: /^À qui/ }).click();
      expect(await dialog().getByRole('button', { name: 'Enregistrer cet avis' }).isDisabled(), 'no reason was asked');
      await dialog().getByLabel('Raison').fill('Appel de la personne : elle n’était pas connectée.');
      await sound(page, session.troubles);
      await dialog().getByRole('button', { name: 'Enregistrer cet avis' }).click();
      await page.getByRole('heading', { name: 'Dit par une personne' }).waitFor();
      expect((await api(`/incidents/${incident}/pins`)).length === 1, 'no pin is stored');
    });
    await check('story: events are paged by the server', async () => {
      const rows = page.getByRole('region', { name: 'Événements' }).locator('tbody tr');
      await rows.first().waitFor();
      const first = await rows.first().innerText();
      const next = page.getByRole('button', { name: 'Suivants →' });
      if (await next.isEnabled()) {
        await next.click();
        await page.getByText(/^51 à/).waitFor();
        expect((await rows.first().innerText()) !== first, 'the second page shows the first row again');
      }
    });
  }

  async function journal(incident) {
    const text = 'Appel du fournisseur : trois demandes de virement reçues hier soir.';
    await check('journal: n opens a line from anywhere, its draft survives a reload', async () => {
      await place(incident, 'indicators');
      await page.locator('main').focus();
      await page.keyboard.press('n');
      await dialog().getByLabel('Ce qui s’est passé').fill(text);
      await sound(page, session.troubles);
      expect(await dialog().getByText('pas encore enregistré').isVisible(), 'nothing says that the line is not saved');
      await page.reload();
      await settle();
      await page.keyboard.press('n');
      expect((await dialog().getByLabel('Ce qui s’est passé').inputValue()) === text, 'the draft is lost');
    });
    let seq = 0;
    await check('journal: saved is said after the server has answered', async () => {
      await dialog().getByLabel('Nature').selectOption('call');
      await page.keyboard.press('Control+Enter');
      await dialog().getByText(/^✓ Enregistré/).waitFor();
      seq = Number(/ligne (\d+)/.exec(await dialog().getByText(/^✓ Enregistré/).innerText())[1]);
      const { entries } = await api(`/incidents/${incident}/journal?limit=500`);
      const line = entries.find((entry) => entry.seq === seq);
      expect(line?.text === text && line.kind === 'call' && line.author === NAME, `stored: ${JSON.stringify(line)}`);
      await page.keyboard.press('Escape');
    });
    await check('journal: a rectification keeps both lines', async () => {
      await place(incident, 'journal');
      await page.getByRole('button', { name: `Rectifier la ligne ${seq}` }).click();
      await dialog().getByLabel('Ce qui s’est passé').fill(`${text} Deux, pas trois.`);
      await dialog().getByRole('button', { name: 'Enregistrer' }).click();
      await dialog().getByText(/^✓ Enregistré/).waitFor();
      await page.keyboard.press('Escape');
      const old = page.locator(`#line-${seq}`);
      await old.getByText('rectifiée').waitFor();
      await page.getByText(`rectifie ${seq}`).waitFor();
    });
    await check('journal: a colleague’s line appears live and spares what is being typed', async () => {
      const area = page.locator('main').getByLabel('Ce qui s’est passé');
      await area.fill('Ligne en cours de frappe');
      const other = await session.newPage();
      await other.goto(`${origin}/#/incident/${incident}/situation`);
      await other.locator('h1').waitFor();
      await other.locator('main').focus();
      await other.keyboard.press('n');
      await other.locator('dialog[open]').getByLabel('Ce qui s’est passé').fill('Ligne du collègue');
      await other.locator('dialog[open]').getByRole('button', { name: 'Enregistrer' }).click();
      await page.locator('article.line', { hasText: 'Ligne du collègue' }).waitFor();
      expect((await area.inputValue()) === 'Ligne en cours de frappe', 'the live update overwrote the text');
      await area.fill('');
      await other.close();
    });
    await check('journal: the filter narrows as one types', async () => {
      await page.getByLabel('Filtrer les lignes').fill('fournisseur');
      await page.waitForFunction(() => [...document.querySelectorAll('article.line')].every((line) => line.textContent.includes('fournisseur')));
      expect(await page.locator('article.line').count() >= 2, 'the lines are not found');
      await page.getByLabel('Filtrer les lignes').fill('');
    });
  }

  async function plan(incident) {
    await check('plan: the 22 actions stand by priority and by theme', async () => {
      await place(incident, 'plan');
      await page.locator('article.action').first().waitFor();
      expect(await page.locator('article.action').count() === 22, 'not 22 actions by priority');
      const first = await page.locator('article.action').first().innerText();
      expect(first.includes('1.a') && first.includes('Bloquer le compte de messagerie'), 'the first action is not 1.a');
      await page.getByRole('button', { name: 'Par thème' }).click();
      await page.getByText('Anticiper l', { exact: false }).first().waitFor();
      expect(await page.locator('article.action').count() === 22, 'not 22 actions by theme');
      await sound(page, session.troubles);
      await page.getByRole('button', { name: 'Par priorité' }).click();
    });
    await check('plan: not applicable asks for a reason, then holds', async () => {
      const card = page.locator('[id="action-3.d"]');
      await card.getByRole('button', { name: /^Modifier/ }).first().click();
      await dialog().getByLabel('Sans objet').check();
      expect(await dialog().getByRole('button', { name: 'Enregistrer l’état' }).isDisabled(), 'no reason was asked');
      await dialog().getByLabel('Pourquoi (obligatoire)').fill('Messagerie tenue à jour par l’hébergeur.');
      await sound(page, session.troubles);
      await dialog().getByRole('button', { name: 'Enregistrer l’état' }).click();
      await card.getByText('Sans objet').waitFor();
      const tasks = await api(`/incidents/${incident}/tasks`);
      expect(tasks.some((task) => task.action === '3.d' && task.state === 'not_applicable'), 'the state is not stored');
    });
    await check('plan: going against an open prerequisite asks why', async () => {
      const waiting = page.locator('.tasks li', { hasText: /attend \d/ }).first();
      const id = /[1-9](\.[a-d])?/.exec(await waiting.locator('xpath=ancestor::article').getAttribute('id'))[0];
      await waiting.getByRole('button', { name: /^Commencer/ }).click();
      await dialog().getByText('Une action préalable est encore ouverte').waitFor();
      expect(await dialog().getByRole('button', { name: 'Enregistrer l’état' }).isDisabled(), 'no reason was asked');
      await dialog().getByLabel('Pourquoi (obligatoire)').fill('La plateforme ne permet pas l’autre d’abord.');
      await dialog().getByRole('button', { name: 'Enregistrer l’état' }).click();
      await dialog().waitFor({ state: 'detached' });
      await page.locator(`[id="action-${id}"]`).getByText('En cours').first().waitFor();
    });
    await check('plan: an action opens its whole text', async () => {
      const card = page.locator('[id="action-1.a"]');
      await card.getByText('Comment faire').click();
      for (const word of ['Attention, impact', 'Étapes', 'Preuve que c’est fait', 'Retour arrière']) await card.getByText(word).first().waitFor();
      await sound(page, session.troubles);
    });
  }

  async function keyboard(incident) {
    await check('keyboard: the palette opens, filters and goes', async () => {
      await place(incident, 'situation');
      await page.keyboard.press('Control+k');
      await dialog().getByRole('combobox').fill('indicateurs');
      await sound(page, session.troubles);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Indicateurs' }).waitFor();
    });
    await check('keyboard: ? lists the shortcuts, digits go to the places', async () => {
      await page.keyboard.press('?');
      await dialog().getByText('Écrire une ligne').waitFor();
      await sound(page, session.troubles);
      await page.keyboard.press('Escape');
      await page.keyboard.press('2');
      await page.getByRole('heading', { level: 1, name: 'Plan d’action' }).waitFor();
    });
    await check('keyboard: one-key shortcuts can be switched off', async () => {
      await page.keyboard.press('?');
      await dialog().getByLabel('Raccourcis à une touche').uncheck();
      await page.keyboard.press('Escape');
      await page.locator('main').focus();
      await page.keyboard.press('n');
      expect(await dialog().count() === 0, 'n still opens the journal');
      await page.evaluate(() => localStorage.removeItem('digue.singleKeys'));
      await page.reload();
      await settle();
    });
    await check('help: who to call and what to say, on every screen', async () => {
      await page.getByRole('button', { name: 'Demander de l’aide' }).click();
      await dialog().getByText('09\u00a072\u00a043\u00a091\u00a025').first().waitFor();
      expect((await dialog().innerText()).includes(NAME), 'the text to read aloud lacks the name');
      await sound(page, session.troubles);
      await page.keyboard.press('Escape');
    });
  }

  async function narrow(incident) {
    await check('header: marks and clock stay in sight at 360 px and at 200 % zoom', async () => {
      for (const size of [{ width: 360, height: 740 }, { width: 680, height: 450 }]) {
        await page.setViewportSize(size);
        await place(incident, 'story');
        await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
        for (const word of ['EXERCICE', 'TLP:AMBER', 'À qualifier']) {
          const box = await page.locator('header .sign', { hasText: word }).boundingBox();
          expect(box && box.y >= 0 && box.y < 120, `${word} is out of sight at ${size.width} px: ${JSON.stringify(box)}`);
        }
        const clock = await page.locator('header .clock').boundingBox();
        expect(clock && clock.y >= 0 && clock.y < 120, `the clock is out of sight at ${size.width} px`);
      }
      await page.setViewportSize({ width: 1360, height: 900 });
    });
  }

  async function print(incident) {
    await check('print: the sheet holds accounts, actions and journal, no buttons', async () => {
      await place(incident, 'report');
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('button:visible').count() === 0, 'buttons are printed');
      expect((await page.locator('main').innerText()).includes('Bloquer le compte de messagerie'), 'the actions are not printed');
      await page.emulateMedia({ media: null });
    });
    await check('print: the timeline is whole on paper', async () => {
      await place(incident, 'story');
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize({ width: 1360, height: 900 });
      const drawn = await page.evaluate(() => {
        const box = document.querySelector('.box');
        box.style.width = '600px';
        return box.querySelector('svg').getBoundingClientRect().width - box.getBoundingClientRect().width;
      });
      await page.emulateMedia({ media: null });
      await page.reload();
      expect(drawn <= 0, `the drawing is ${drawn} px wider than its paper`);
    });
    await check('downloads: story as HTML, CSV and OCSF', async () => {
      for (const kind of ['html', 'csv', 'ocsf']) {
        const status = await page.evaluate((address) => fetch(address).then((answer) => answer.status), `./api/v1/incidents/${incident}/story.${kind}`);
        expect(status === 200, `story.${kind} was answered ${status}`);
      }
    });
  }

  async function invite() {
    await check('invitation: a colleague enters with a link of their own', async () => {
      await page.goto(`${origin}/#/incidents`);
      await page.getByRole('button', { name: 'Inviter un collègue' }).click();
      const link = await page.locator('.link').innerText();
      await sound(page, session.troubles);
      const context = await session.browser.newContext({ locale: 'fr-FR' });
      const other = await context.newPage();
      await other.goto(link);
      await other.getByLabel('Votre nom').fill('Sacha Petit');
      await other.getByRole('button', { name: 'Entrer' }).click();
      await other.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
      expect((await other.locator('.settings').innerText()).includes('Sacha Petit'), 'the colleague does not sign with their own name');
      await context.close();
    });
  }

  async function lost(incident) {
    await check('session end: the page says so and keeps what was written', async () => {
      await place(incident, 'journal');
      await page.locator('main').getByLabel('Ce qui s’est passé').fill('Texte avant la fin de session');
      const cookies = await session.context.cookies();
      await session.context.clearCookies();
      // The page also asks by itself: when that is refused first, there is nothing left to click, and no click may wait for the next page.
      await page.locator('main').getByRole('button', { name: 'Enregistrer' }).evaluateAll((buttons) => buttons.forEach((button) => button.click()));
      await page.getByText('Votre session a pris fin').waitFor();
      const kept = await page.evaluate(() => Object.values({ ...sessionStorage }).some((value) => value.includes('Texte avant la fin de session')));
      await session.context.addCookies(cookies);
      expect(kept, 'the text is lost');
    });
  }

  async function stopped(incident) {
    await check('server gone: the page says so, keeps the text, and nothing is called saved', async () => {
      await page.goto(`${origin}/#/incident/${incident}/journal`);
      await page.reload();
      await settle();
      await page.locator('main').getByLabel('Ce qui s’est passé').fill('Texte pendant la panne');
      await server.stop();
      await page.getByText('Liaison coupée').waitFor({ timeout: 30000 });
      await page.locator('main').getByRole('button', { name: 'Enregistrer' }).click();
      await page.getByText('Digue ne répond pas').waitFor();
      expect(await page.getByText(/^✓ Enregistré/).count() === 0, 'the line is called saved');
      expect((await page.locator('main').getByLabel('Ce qui s’est passé').inputValue()) === 'Texte pendant la panne', 'the text is gone');
      session.troubles.length = 0;
    });
  }

  return { stopped, invite, signIn, create, evidence, story, journal, plan, keyboard, narrow, print, lost };
}
