// Guided commands as a person on call uses them: choose the platform, copy, paste the answer, see its hash.
import { createHash } from 'node:crypto';
import { goTo, sound } from './browser.mjs';
import { check, expect } from './harness.mjs';

export async function guided({ page, session, incident, settle }) {
  const api = (path) => page.evaluate((address) => fetch(address).then((answer) => answer.json()), `./api/v1${path}`);
  const open = async (action) => {
    await goTo(page, `#/incident/${incident}/plan?action=${action}`);
    await settle();
    const card = page.locator(`[id="action-${action}"]`);
    const how = card.locator('details').first();
    if (await how.getAttribute('open') === null) await card.getByText('Comment faire').click();
    const commands = card.locator('details.guided');
    if (await commands.getAttribute('open') === null) await commands.locator('summary').first().click();
    await commands.getByLabel('Votre plateforme').waitFor();
    return commands;
  };

  await check('guided: the commands of a platform hold the account of the case, seal first', async () => {
    const commands = await open('2.a');
    await commands.getByLabel('Votre plateforme').selectOption({ label: 'Dovecot et Postfix' });
    await commands.locator('.body > .steps .step').first().waitFor();
    const badges = await commands.locator('.body > .steps .step .head .badge:first-child').allInnerTexts();
    expect(badges[0] === 'À sceller avant', `the first step is ${badges[0]}`);
    const tasks = (await api(`/incidents/${incident}/tasks`)).filter((task) => task.action === '2.a' && task.target);
    const shown = (await commands.locator('pre').allInnerTexts()).join('\n');
    expect(shown.includes(tasks[0].target), `no command names ${tasks[0].target}`);
    await sound(page, session.troubles);
  });
  await check('guided: what only a person knows completes the commands, quoted', async () => {
    const commands = await open('2.a');
    await commands.getByLabel('règle', { exact: true }).fill('facture; $(id)');
    await commands.getByRole('button', { name: 'Compléter les commandes' }).click();
    await commands.locator('pre', { hasText: "'facture; $(id)'" }).first().waitFor();
  });
  await check('guided: the pasted answer is kept with its hash and told in the journal', async () => {
    const commands = await open('1.a');
    const answer = 'username  proto\nréponse collée';
    const digest = createHash('sha256').update(answer).digest('hex');
    await commands.getByRole('button', { name: /^Coller la réponse/ }).first().focus();
    await page.keyboard.press('Enter');
    await commands.getByLabel('Réponse affichée par la commande').fill(answer);
    await sound(page, session.troubles);
    await commands.getByRole('button', { name: 'Garder comme preuve' }).click();
    await commands.locator('.proofs', { hasText: digest }).waitFor();
    const { entries } = await api(`/incidents/${incident}/journal?q=${digest}`);
    expect(entries.length === 1 && entries[0].about === 'proof.pasted', 'the journal does not tell the proof');
    const exhibits = await api(`/incidents/${incident}/exhibits`);
    expect(exhibits.some((item) => item.sha256 === digest), 'the answer is no exhibit');
  });
  await check('guided: the platform is remembered; three platforms at 360 px and in English', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const name of ['Microsoft 365 (Entra ID, Exchange Online)', 'Zimbra', 'OpenLDAP (ppolicy)']) {
      const commands = await open('1.a');
      await commands.getByLabel('Votre plateforme').selectOption({ label: name });
      await page.waitForFunction((wanted) => [...document.querySelectorAll('details.guided[open] select')].some((node) => node.selectedOptions[0]?.label === wanted), name);
      await commands.locator('.body > .steps .step').first().waitFor();
      await sound(page, session.troubles);
    }
    await page.reload();
    await settle();
    await open('1.b');
    await page.waitForFunction(() => [...document.querySelectorAll('details.guided[open] select')].some((node) => node.value === 'openldap'));
    await page.setViewportSize({ width: 1360, height: 900 });
  });
}
