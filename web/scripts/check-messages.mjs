// Fails when the French and English catalogues differ in keys or in {placeholders}, when a key is never used, or
// when French text lacks the no-break space that its punctuation asks for.
import { readFileSync, readdirSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const read = (lang) =>
  JSON.parse(readFileSync(join(here, `../../content/messages/${lang}/web.json`), 'utf8'));
const fr = read('fr');
const en = read('en');
const faults = [];

const placeholders = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();
for (const key of new Set([...Object.keys(fr), ...Object.keys(en)])) {
  if (!(key in fr)) faults.push(`fr: missing ${key}`);
  else if (!(key in en)) faults.push(`en: missing ${key}`);
  else if (placeholders(fr[key]) !== placeholders(en[key])) faults.push(`${key}: placeholders differ`);
}
for (const [key, text] of Object.entries(fr)) {
  if (/[^\s]? [:;!?»]|« /.test(text)) faults.push(`fr: ${key}: plain space beside : ; ! ? « »`);
}

const sources = readdirSync(join(here, '../src'), { recursive: true })
  .filter((name) => /\.(svelte|ts)$/.test(name))
  .map((name) => readFileSync(join(here, '../src', name), 'utf8'))
  .join('\n');
// named('family.', name) reaches every key of its family.
const families = [...sources.matchAll(/named\('([\w.]+\.)'/g)].map((match) => match[1]);
for (const key of Object.keys(fr)) {
  const base = key.replace(/\.(one|other)$/, '');
  const used =
    sources.includes(`'${key}'`) ||
    sources.includes(`'${base}'`) ||
    families.some((family) => key.startsWith(family));
  if (!used) faults.push(`never used: ${key}`);
}

for (const fault of faults) console.error(fault);
console.log(`messages: ${Object.keys(fr).length} keys, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
