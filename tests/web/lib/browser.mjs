// Chromium, and what every page must hold: no script error, no refused content, no other host, no page wider than the window,
// no WCAG 2.1 AA violation that axe can see, no invalid HTML.
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { expect } from './harness.mjs';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');
// Evaluated by the debugger, so the page's own content policy stays in force.
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// The browser writes the page out in its own style; what counts here is what is valid.
const validator = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: { 'attribute-boolean-style': 'off', 'attribute-empty-style': 'off', 'no-trailing-whitespace': 'off', 'valid-id': ['error', { relaxed: true }] },
});

export const CHROMIUM = process.env.DIGUE_CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = () => existsSync(CHROMIUM);

export async function open(origin) {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: 'fr-FR', reducedMotion: 'reduce' });
  const troubles = [];
  async function newPage() {
    const page = await context.newPage();
    // Generous: a loaded machine is slow, and no check here is about speed.
    page.setDefaultTimeout(60000);
    page.on('pageerror', (error) => troubles.push(`script error: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      // A refused request is an answer that the page handles; the browser tells it on the console all the same.
      if (message.type() === 'error' && !/^Failed to load resource/.test(text)) troubles.push(`console: ${text}`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.origin !== origin) troubles.push(`request to another host: ${request.url()}`);
    });
    return page;
  }
  return { browser, context, newPage, troubles };
}

/** Goes to a place of the page (its hash), and waits until the page has heard of it. */
export const goTo = (page, hash) => page.evaluate((value) => new Promise((done) => {
  const before = location.href;
  location.hash = value;
  if (location.href === before) done();
  else window.addEventListener('hashchange', () => setTimeout(done), { once: true });
}), hash);

/** The page as it stands now is valid for everyone; throws with the list of what is not. */
export async function sound(page, troubles, { axe = true } = {}) {
  const faults = troubles.splice(0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) faults.push(`the page is ${wide} px wider than the window`);
  const heads = await page.locator('h1').count();
  if (heads !== 1) faults.push(`${heads} h1 headings`);
  for (const { messages } of (await validator.validateString(await page.content())).results) {
    for (const message of messages) faults.push(`html ${message.ruleId}: ${message.message} – ${message.selector}`);
  }
  if (axe) {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
    const result = await page.evaluate(() => window.axe.run(document, {
      runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] },
      resultTypes: ['violations'],
    }));
    for (const violation of result.violations) {
      faults.push(`axe ${violation.id}: ${violation.help} – ${violation.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
    }
  }
  expect(faults.length === 0, faults.join('\n'));
}
