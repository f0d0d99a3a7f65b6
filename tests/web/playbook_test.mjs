// The 22 actions as a person reads them on the page, in both languages: every field filled, none shared by two actions, official titles to
// the letter, and the decision tree complete.
//
//   node tests/web/playbook_test.mjs build/release/digue
import { hasChromium, open, sound } from './lib/browser.mjs';
import { check, close, expect, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [program] = process.argv.slice(2);
if (!program) {
  console.error('usage: playbook_test.mjs PROGRAM');
  process.exit(2);
}
if (!hasChromium()) {
  skip('the playbook as rendered', 'no Chromium on this machine');
  process.exit(close());
}

// Names of the reflex card of CERT Santé (CC BY-NC-SA 4.0), from the work of InterCERT France.
const TITLES = {
  '1.a': 'Bloquer le compte de messagerie', '1.b': 'Réinitialiser le compte de messagerie compromis',
  '1.c': 'Nettoyer les persistances et accès illégitimes sur le compte compromis',
  '2.a': 'Nettoyer les règles de gestion sur le compte compromis', '2.b': "Nettoyer les accès d'applications tierces au compte compromis",
  '2.c': "Nettoyer les actions d'administration illégitimes", '3.a': 'Sécuriser les mots de passe', '3.b': 'Réinitialiser les autres comptes',
  '3.c': "Généraliser l'usage du MFA", '3.d': 'Sécuriser la solution de messagerie',
  '4.a': "Réinitialiser les accès de l'utilisateur aux autres applications de l'organisation", '4.b': "Sensibiliser l'utilisateur",
  5: 'Protéger le poste utilisateur', '6.a': 'Analyser les courriels du compte compromis',
  '6.b': 'Analyser les fichiers sensibles accessibles du compte compromis', '7.a': 'Mettre en détection les adresses IP identifiées',
  '7.b': "Investiguer l'accès initial", '7.c': "Bloquer toute tentative d'accès initial",
  '8.a': 'Détecter les événements inhabituels liés à la messagerie', '8.b': 'Détecter les événements inhabituels en dehors de la messagerie',
  '9.a': 'Augmenter la verbosité et la rétention des journaux', '9.b': 'Préserver les journaux du compte compromis',
};

const server = await startServer(program);
const { browser, newPage, troubles } = await open(new URL(server.link).origin);
const page = await newPage();

/** What one action's card shows. */
const cards = () => page.evaluate(() => Object.fromEntries([...document.querySelectorAll('article.action')].map((card) => {
  const text = (node) => (node?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const how = card.querySelector('.how');
  const facts = {};
  for (const term of how.querySelectorAll('dl.facts > dt')) facts[text(term)] = text(term.nextElementSibling);
  return [card.id.replace('action-', ''), {
    title: text(card.querySelector('h3')),
    notes: [...how.querySelectorAll(':scope > p.note')].map(text),
    why: text(how.querySelector(':scope > p:not(.note)')),
    steps: [...how.querySelectorAll(':scope > div > ol > li')].map(text),
    branches: [...how.querySelectorAll('.tree > li')].map((branch) => ({ cause: text(branch.querySelector('summary')), steps: branch.querySelectorAll('ol > li').length })),
    facts,
  }];
})));

const seen = {};
try {
  await page.goto(server.link);
  await page.locator('input').first().fill('A. Roche');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Dossiers d’incident' }).waitFor();
  const incident = await page.evaluate(async () => {
    const send = (path, body) => fetch(`./api/v1/${path}`, { method: 'POST', headers: { 'X-Digue-Request': '1' }, body: JSON.stringify(body) }).then((answer) => answer.json());
    const made = await send('incidents', { title: 'Lecture du plan', description: '', confirmed: true, exercise: false });
    await send(`incidents/${made.id}/accounts`, { account: 'c.moreau@ch-exemple.fr', reason: 'signalement' });
    return made.id;
  });
  for (const language of ['fr', 'en']) {
    await page.evaluate((wanted) => localStorage.setItem('digue.language', wanted), language);
    await page.goto(new URL(`#/incident/${incident}/plan`, server.link).href);
    await page.reload();
    await page.locator('#action-9\\.b').waitFor();
    seen[language] = await cards();

    await check(`${language}: 22 actions, every field filled`, async () => {
      const ids = Object.keys(seen[language]);
      expect(ids.length === 22, `${ids.length} actions`);
      const gaps = [];
      for (const [id, card] of Object.entries(seen[language])) {
        if (card.notes.length < 2) gaps.push(`${id}: ${card.notes.length} notes of impact and care`);
        if (card.why.length < 40) gaps.push(`${id}: why "${card.why}"`);
        if (card.steps.length < 2) gaps.push(`${id}: ${card.steps.length} steps`);
        const values = Object.values(card.facts);
        if (values.length < 9) gaps.push(`${id}: only ${Object.keys(card.facts).join(', ')}`);
        for (const [name, value] of Object.entries(card.facts)) if (value.length < 2) gaps.push(`${id}: ${name} is empty`);
        for (const name of ['ATT&CK', 'RE&CT', 'D3FEND']) if (!card.facts[name]) gaps.push(`${id}: ${name} is missing`);
      }
      expect(gaps.length === 0, gaps.join('\n'));
    });

    await check(`${language}: no text is shared by two actions`, async () => {
      const owner = new Map();
      const shared = [];
      for (const [id, card] of Object.entries(seen[language])) {
        const facts = Object.entries(card.facts).filter(([, value]) => value.length > 60 && !/^[A-Z0-9., :-]+$/.test(value)).map(([, value]) => value);
        for (const text of [card.title, card.why, ...card.notes, ...card.steps, ...facts]) {
          if (owner.has(text) && owner.get(text) !== id) shared.push(`${owner.get(text)} and ${id}: ${text}`);
          owner.set(text, id);
        }
      }
      expect(shared.length === 0, shared.join('\n'));
    });

    await check(`${language}: the tree of 5 and of 4.a knows every cause`, async () => {
      for (const id of ['4.a', '5']) {
        const { branches } = seen[language][id];
        expect(branches.length === 5, `${id}: ${branches.map((one) => one.cause).join(' | ')}`);
        expect(branches.every((one) => one.cause && one.steps > 0), `${id}: an empty branch`);
      }
      expect(Object.entries(seen[language]).every(([id, card]) => ['4.a', '5'].includes(id) === card.branches.length > 0), 'no other tree');
    });
    await check(`${language}: the plan opened wide is sound`, async () => {
      await page.evaluate(() => document.querySelectorAll('article.action details').forEach((one) => { one.open = true; }));
      await sound(page, troubles);
    });
  }

  await check('titles are the official ones, in English something else', async () => {
    const wrong = Object.entries(TITLES).filter(([id, title]) => seen.fr[id]?.title !== title).map(([id]) => `${id}: ${seen.fr[id]?.title}`);
    expect(wrong.length === 0, wrong.join('\n'));
    const same = [];
    for (const id of Object.keys(TITLES)) {
      const [fr, en] = [seen.fr[id], seen.en[id]];
      for (const part of ['title', 'why']) if (fr[part] === en[part]) same.push(`${id}: ${part}`);
      for (const [i, step] of fr.steps.entries()) if (step === en.steps[i]) same.push(`${id}: step ${i + 1}`);
      for (const [i, note] of fr.notes.entries()) if (note === en.notes[i]) same.push(`${id}: note ${i + 1}`);
    }
    expect(same.length === 0, same.join('\n'));
  });
} finally {
  await browser.close();
  await server.stop();
}
process.exit(close());
