// Accounts, second factors, roles, sessions and the proof of identity, with three persons in three browsers.
//
//   node tests/web/people_test.mjs build/release/digue [--shots DIR]
import { hasChromium } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { PASSWORD, person } from './lib/person.mjs';
import { startServer } from './lib/server.mjs';

const [program, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
if (!program) {
  console.error('usage: people_test.mjs PROGRAM [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('people', 'no Chromium on this machine');
  process.exit(close());
}

const server = await startServer(program);
const origin = new URL(server.link).origin;

const alix = await person(origin, 'a.roche', 'Alix Roche', { shots });
const camille = await person(origin, 'c.roux', 'Camille Roux', { shots });
const sacha = await person(origin, 's.petit', 'Sacha Petit', { shots });
let incident = '';

try {
  await check('without accounts the page says so, and makes the first one', async () => {
    const { page } = alix;
    await page.goto(server.link);
    await page.getByLabel('Votre nom').fill('Alix Roche');
    await page.getByRole('button', { name: 'Entrer' }).click();
    await page.getByText('Sans comptes').waitFor();
    const made = await alix.api('POST', '/incidents', { title: 'Boîte du secrétariat', confirmed: true });
    incident = JSON.parse(made.text).id;
    await alix.go('#/people');
    await alix.looks('without');
    await page.getByLabel('Nom complet').fill(alix.name);
    await page.getByLabel('Identifiant').fill(alix.login);
    await page.getByRole('button', { name: 'Créer ce compte' }).click();
    await page.getByRole('heading', { level: 1, name: 'Activer votre compte' }).waitFor();
    await alix.looks('setup');
  });

  await check('a weak password is refused with the reason, what was typed stays', async () => {
    await alix.setUp('Motdepasse2026');
    await alix.page.getByRole('alert').getByText('que les attaquants essaient en premier').waitFor();
    expect((await alix.page.getByLabel('Choisissez un mot de passe').inputValue()) === 'Motdepasse2026', 'the password is gone');
    await alix.sound();
  });

  await check('a password may be pasted', async () => {
    const { page, session } = alix;
    await session.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await page.evaluate((text) => navigator.clipboard.writeText(text), PASSWORD);
    const field = page.getByLabel('Choisissez un mot de passe');
    await field.fill('');
    await field.press('Control+v');
    expect((await field.inputValue()) === PASSWORD, 'nothing was pasted');
    await page.getByRole('button', { name: 'Afficher' }).click();
    expect((await field.getAttribute('type')) === 'text', 'the password is not shown on demand');
  });

  await check('three persons set up their accounts with a second factor', async () => {
    await alix.setUp();
    await alix.page.getByRole('heading', { level: 1, name: 'Codes de secours' }).waitFor();
    await alix.shot('codes');
    await alix.sound();
    await alix.keepCodes();
    expect(new Set(alix.recovery).size === 10, `${alix.recovery.length} recovery codes`);
    // What was opened before accounts existed stays in sight.
    await alix.page.locator('li h2', { hasText: 'Boîte du secrétariat' }).waitFor();
    for (const one of [camille, sacha]) {
      const link = await alix.invite(one);
      await one.page.goto(link);
      expect((await one.page.getByLabel('Choisissez un mot de passe').getAttribute('type')) === 'password', 'the password can be read over the shoulder');
      await one.setUp();
      await one.keepCodes();
      await one.page.getByText('Vous signez').waitFor();
    }
  });

  await check('an incident appears for who is given a role, with the places of that role', async () => {
    const { page } = alix;
    await sacha.page.getByRole('heading', { name: 'Aucun dossier' }).waitFor();
    await alix.go('#/people');
    for (const [who, role] of [[camille, 'répondant'], [sacha, 'direction']]) {
      await page.getByLabel(/^Ajouter une personne/).selectOption({ label: `${who.name} (${who.login})` });
      await page.locator('section[aria-labelledby="teams"]').getByRole('button', { name: role, exact: true }).click();
      await page.getByRole('checkbox', { name: `${who.name}, ${role}` }).waitFor();
      expect(await page.getByRole('checkbox', { name: `${who.name}, ${role}` }).isChecked(), `${who.name} has no role`);
    }
    await alix.looks('people');
    await sacha.page.reload();
    await sacha.page.getByRole('link', { name: 'Boîte du secrétariat' }).click();
    await sacha.page.getByRole('heading', { level: 1, name: 'Situation' }).waitFor();
    await sacha.settle();
    await sacha.sound();
    await sacha.shot('direction-situation');
    const places = await sacha.page.locator('#places li:visible a').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href').split('/').pop()));
    expect(places.join() === 'situation,plan,declarations,report', `places: ${places}`);
    for (const [place, names] of [['situation', /^(Ouvrir l’étape|Fermer l’étape|Ajouter un compte|Écrire)/], ['plan', /^(Commencer|Modifier|Fait|Ajouter)/], ['declarations', /^(Noter|Corriger|Décider)/]]) {
      await sacha.go(`#/incident/${incident}/${place}`);
      await sacha.page.waitForTimeout(300);
      const offered = await sacha.page.locator('main').getByRole('button', { name: names }).allInnerTexts();
      expect(offered.length === 0, `${place} offers what is refused: ${offered}`);
    }
    await sacha.go(`#/incident/${incident}/story`);
    await sacha.page.getByText('ne donne pas accès à cette page').waitFor();
    await sacha.sound();
  });

  await check('a journal line is signed with the name of the account', async () => {
    await camille.go(`#/incident/${incident}/journal`);
    await camille.page.locator('main').getByLabel('Ce qui s’est passé').fill('Compte bloqué par téléphone.');
    await camille.page.locator('main').getByRole('button', { name: 'Enregistrer' }).click();
    await camille.page.getByText(/^✓ Enregistré/).waitFor();
    const { text } = await camille.api('GET', `/incidents/${incident}/journal`);
    expect(JSON.parse(text).entries.some((line) => line.author === 'Camille Roux' && line.text.startsWith('Compte bloqué')), 'another author');
  });

  await check('signing out is at hand on every page', async () => {
    for (const hash of ['#/incidents', '#/establishments', '#/people', '#/account', ...['situation', 'plan', 'story', 'evidence', 'journal', 'indicators', 'declarations', 'report'].map((place) => `#/incident/${incident}/${place}`)]) {
      await camille.go(hash);
      await camille.page.locator('details.me summary').click();
      expect(await camille.page.locator('details.me').getByRole('button', { name: 'Se déconnecter' }).isVisible(), `no way out at ${hash}`);
      await camille.page.locator('details.me summary').click();
    }
    await camille.page.locator('details.me summary').click();
    await camille.sound();
    await camille.page.locator('details.me').getByRole('button', { name: 'Se déconnecter' }).click();
    await camille.page.getByLabel('Identifiant').waitFor();
    await camille.looks('signin');
  });

  await check('sign-in: one answer for whatever is wrong, then in by telephone or recovery code', async () => {
    const { page } = camille;
    await camille.signIn('000000');
    await page.getByRole('alert').getByText('refusé').waitFor();
    expect((await page.getByLabel('Code à usage unique').inputValue()) === '', 'a used code stays');
    await camille.sound();
    await camille.signIn(camille.recovery[0].toLowerCase());
    await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
    await camille.go('#/account');
    await page.getByText('9 codes de secours restent').waitFor();
    await camille.looks('account');
  });

  await check('a session revoked by an administrator ends at once; what was being written stays', async () => {
    const { page } = alix;
    await camille.go(`#/incident/${incident}/journal`);
    await camille.page.locator('main').getByLabel('Ce qui s’est passé').fill('Texte en cours');
    await alix.go('#/incidents');
    await alix.go('#/people');
    await page.getByRole('region', { name: 'Liste des sessions' }).getByRole('row', { name: /Camille Roux/ }).getByRole('button', { name: /^Fermer/ }).click();
    await page.waitForFunction(() => ![...document.querySelectorAll('section[aria-labelledby="all-sessions"] tr')].some((row) => row.textContent.includes('Camille Roux')));
    // The page may have heard of it already.
    await camille.page.locator('main').getByRole('button', { name: 'Enregistrer' }).evaluateAll((buttons) => buttons.forEach((button) => button.click()));
    await camille.page.getByText('Votre session a pris fin').waitFor();
    await camille.signIn();
    await camille.page.getByRole('heading', { level: 1, name: 'Main courante' }).waitFor();
    expect((await camille.page.locator('main').getByLabel('Ce qui s’est passé').inputValue()) === 'Texte en cours', 'the text is lost');
  });

  await check('a sensitive action asks who is there, then goes on by itself', async () => {
    const { page } = alix;
    // The server's answer to an old proof, without waiting five minutes: the first request is answered so, the others are the server's.
    let asked = 0;
    await page.route('**/api/v1/people/*/disable', (route) => (asked++ === 0
      ? route.fulfill({ status: 403, contentType: 'application/json', body: JSON.stringify({ error: { code: 'step_up', message: 'x', where: null, help: null } }) })
      : route.continue()));
    await alix.go('#/incidents');
    await alix.go('#/people');
    await page.getByRole('button', { name: 'Désactiver Sacha Petit' }).click();
    await alix.dialog().getByRole('heading', { name: 'Confirmez que c’est vous' }).waitFor();
    await alix.shot('step-up');
    await alix.sound();
    await alix.dialog().getByLabel('Mot de passe').fill('faux');
    await alix.dialog().getByRole('button', { name: 'Confirmer' }).click();
    await alix.dialog().getByRole('alert').waitFor();
    await alix.dialog().getByLabel('Mot de passe').fill(PASSWORD);
    await alix.dialog().getByRole('button', { name: 'Confirmer' }).click();
    await alix.dialog().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Réactiver Sacha Petit' }).waitFor();
    expect(asked === 2, `asked ${asked} times`);
    await page.unroute('**/api/v1/people/*/disable');
    await sacha.page.reload();
    await sacha.page.getByLabel('Identifiant').waitFor();
  });

  await check('the security log tells it all, filtered as one types, and leaves as NDJSON', async () => {
    const { page } = alix;
    const rows = page.getByRole('region', { name: 'Lignes du journal de sécurité' }).locator('tbody tr');
    await page.getByLabel('Filtrer le journal de sécurité').fill('désactivé');
    await rows.filter({ hasText: 'Sacha Petit' }).first().waitFor();
    expect((await rows.count()) === 1, `${await rows.count()} rows`);
    const { text } = await alix.api('GET', '/security-log.ndjson');
    const kinds = text.trim().split('\n').map((line) => JSON.parse(line).kind);
    for (const kind of ['set_up', 'sign_in', 'sign_in_failed', 'roles', 'session_ended', 'proof', 'proof_failed', 'disabled']) expect(kinds.includes(kind), `no ${kind}`);
  });
} finally {
  for (const one of [alix, camille, sacha]) await one.session.browser.close();
  await server.stop();
}
process.exit(close());
