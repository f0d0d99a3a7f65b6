// The page in a real browser, against a real server.
//
//   node tests/web/run.mjs build/release/digue [--shots DIR]      starts the program on an empty data directory
//   node tests/web/run.mjs http://.../#/signin?token=... [...]    uses a server that already runs (the link is used up)
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goTo, hasChromium, open, sound } from './lib/browser.mjs';
import { flows } from './lib/flows.mjs';
import { guided } from './lib/guided.mjs';
import { check, close, skip } from './lib/harness.mjs';
import { startServer } from './lib/server.mjs';

const [target, ...options] = process.argv.slice(2);
const shots = options[0] === '--shots' ? options[1] : null;
const evidence = fileURLToPath(new URL('../../demo/evidence/', import.meta.url));

if (!target) {
  console.error('usage: run.mjs PROGRAM|SIGN-IN-LINK [--shots DIR]');
  process.exit(2);
}
if (!hasChromium()) {
  skip('the page', 'no Chromium on this machine');
  process.exit(close());
}

const server = target.startsWith('http') ? { link: target, stop: async () => {} } : await startServer(target);
const origin = new URL(server.link).origin;
const session = await open(origin);
const page = await session.newPage();

// Every route of the router: its places and its pages stand there, and nowhere else.
const router = readFileSync(new URL('../../web/src/lib/router.svelte.ts', import.meta.url), 'utf8');
const PLACES = [.../PLACES = \[([^\]]+)\]/.exec(router)[1].matchAll(/'(\w+)'/g)].map((found) => found[1]);
const PAGES = [.../page: ((?:'\w+'(?: \| )?)+);/.exec(router)[1].matchAll(/'(\w+)'/g)].map((found) => found[1]);
// Language, theme, width, audited by axe. The English structure is the French one: two of its four looks are enough.
const LOOKS = [
  ['fr', 'light', 1360], ['fr', 'dark', 1360], ['fr', 'light', 360], ['fr', 'dark', 360], ['en', 'light', 1360], ['en', 'dark', 360],
];

async function settle() {
  await page.waitForLoadState('domcontentloaded');
  await page.locator('h1').first().waitFor();
  // The live connection stays open, so "network idle" never comes: wait until no region says that it is reading.
  await page.waitForFunction(() => ![...document.querySelectorAll('main [role=status]')].some((node) => /^(Lecture en cours|Reading)/.test(node.textContent ?? '')));
}

async function walk(label, incident) {
  // The sign-in page asks nothing of who is signed in: it has a walk of its own.
  const pages = PAGES.filter((name) => name !== 'signin' && name !== 'incident').map((name) => [name, `#/${name}`]);
  const views = [['qualification', 'situation?view=qualification'], ['plan-theme', 'plan?view=theme']];
  const routes = [...pages, ...[...PLACES.map((place) => [place, place]), ...views].map(([name, place]) => [name, `#/incident/${incident}/${place}`])];
  for (const [language, theme, width] of LOOKS) {
    await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
    await page.evaluate(([lang, look]) => {
      localStorage.setItem('digue.language', lang);
      localStorage.setItem('digue.theme', look);
    }, [language, theme]);
    await page.reload();
    for (const [name, hash] of routes) {
      await check(`${label}: ${name}, ${language}, ${theme}, ${width} px`, async () => {
        await goTo(page, hash);
        await settle();
        if (shots) {
          mkdirSync(shots, { recursive: true });
          await page.screenshot({ path: join(shots, `${label}-${name}-${language}-${theme}-${width}.png`), fullPage: true });
        }
        await sound(page, session.troubles);
      });
    }
  }
  await check(`${label}: nothing wider than 320 px`, async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    for (const [, hash] of routes) {
      await goTo(page, hash);
      await settle();
      await sound(page, session.troubles, { axe: false });
    }
  });
  await page.evaluate(() => {
    localStorage.setItem('digue.language', 'fr');
    localStorage.setItem('digue.theme', 'light');
  });
  await page.setViewportSize({ width: 1360, height: 900 });
  await page.goto(`${origin}/#/incidents`);
  await page.reload();
}

try {
  const run = flows({ page, session, server, origin, settle, files: readdirSync(evidence).sort().map((name) => join(evidence, name)) });
  await run.signIn();
  const incident = await run.create();
  if (incident) {
    await walk('empty', incident);
    await run.evidence(incident);
    await run.story(incident);
    await run.journal(incident);
    await run.plan(incident);
    await guided({ page, session, incident, settle });
    await run.keyboard(incident);
    await page.evaluate(() => fetch('./api/v1/establishments', {
      method: 'POST', headers: { 'X-Digue-Request': '1' }, body: JSON.stringify({ name: 'CH d’Exemple', finess: '750000018', own_domains: ['ch-exemple.fr'] }),
    }));
    await walk('full', incident);
    await run.narrow(incident);
    await run.print(incident);
    await run.invite();
    await run.lost(incident);
    if (target.startsWith('http')) skip('server gone', 'the server is not ours to stop');
    else await run.stopped(incident);
  }
} finally {
  await session.browser.close();
  await server.stop();
}
process.exit(close());
