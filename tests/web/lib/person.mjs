import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Phone } from '../../integration/totp.mjs';
import { goTo, open, sound } from './browser.mjs';

export const PASSWORD = 'quatre loutres sous le pont';
const LOOKS = [['fr', 'light', 1360], ['fr', 'dark', 360], ['en', 'dark', 1360], ['en', 'light', 360]];

/** One person: a browser of their own, a telephone, and what the page must hold for them. `shots`: a folder for screenshots. */
export async function person(origin, login, name, { shots = null, prefix = 'people' } = {}) {
  const session = await open(origin);
  const page = await session.newPage();
  const me = { login, name, session, page, phone: null, recovery: [] };
  me.dialog = () => page.locator('dialog[open]');
  me.settle = async () => {
    await page.locator('h1').first().waitFor();
    await page.waitForFunction(() => ![...document.querySelectorAll('main [role=status]')].some((node) => /^(Lecture en cours|Reading)/.test(node.textContent ?? '')));
  };
  me.go = async (hash) => {
    await goTo(page, hash);
    await me.settle();
  };
  me.sound = () => sound(page, session.troubles);
  me.shot = async (title) => {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${prefix}-${title}.png`), fullPage: true });
  };
  me.looks = async (title) => {
    for (const [language, theme, width] of LOOKS) {
      await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
      await page.evaluate(([lang, look]) => {
        localStorage.setItem('digue.language', lang);
        localStorage.setItem('digue.theme', look);
      }, [language, theme]);
      await page.reload();
      await me.settle();
      await page.waitForTimeout(300);
      await me.shot(`${title}-${language}-${theme}-${width}`);
      await me.sound();
    }
    await page.setViewportSize({ width: 1360, height: 900 });
    await page.evaluate(() => {
      localStorage.setItem('digue.language', 'fr');
      localStorage.setItem('digue.theme', 'light');
    });
    await page.reload();
    await me.settle();
  };
  /** On the set-up page: reads the secret that is shown, as a telephone would. */
  me.setUp = async (password = PASSWORD) => {
    await page.getByRole('heading', { level: 1, name: 'Activer votre compte' }).waitFor();
    await page.getByRole('img', { name: 'Code QR du second facteur' }).waitFor();
    me.phone = new Phone(await page.locator('.secret').innerText());
    await page.getByLabel('Choisissez un mot de passe').fill(password);
    await page.getByLabel('Premier code affiché').fill(await me.phone.code());
    await page.getByRole('button', { name: 'Activer et entrer' }).click();
  };
  me.keepCodes = async () => {
    await page.getByRole('button', { name: 'Je les ai gardés' }).waitFor();
    me.recovery = await page.locator('.codes li').allInnerTexts();
    await page.getByRole('button', { name: 'Je les ai gardés' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  };
  /** Makes an account for another person; the link that the page shows. */
  me.invite = async (who) => {
    await me.go('#/people');
    await page.getByLabel('Nom complet').fill(who.name);
    await page.getByLabel('Identifiant').fill(who.login);
    await page.getByRole('button', { name: 'Créer un lien d’activation' }).click();
    const link = page.locator('.note.ok', { hasText: who.name }).locator('.link');
    await link.waitFor();
    return link.innerText();
  };
  me.signIn = async (code) => {
    await page.getByLabel('Identifiant').fill(login);
    await page.getByLabel('Mot de passe').fill(PASSWORD);
    await page.getByLabel('Code à usage unique').fill(code ?? (await me.phone.code()));
    await page.getByRole('button', { name: 'Entrer' }).click();
  };
  me.api = (method, path, body) => page.evaluate(([verb, address, value]) => fetch(address, {
    method: verb, headers: { 'X-Digue-Request': '1', 'Content-Type': 'application/json' }, body: value === undefined ? undefined : JSON.stringify(value),
  }).then(async (answer) => ({ status: answer.status, text: await answer.text() })), [method, `./api/v1${path}`, body]);
  return me;
}
