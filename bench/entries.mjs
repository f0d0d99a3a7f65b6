// Journal lines acknowledged per second, each on disk before its answer, beside what the disk itself allows: a bare loop of SQLite
// inserts, each its own commit.
//
//   node bench/entries.mjs build/release/digue [SECONDS]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ms, quantiles, startWorkbench } from './workbench.mjs';

const [program, seconds = '10'] = process.argv.slice(2);
const bench = await startWorkbench(program);
console.log(`lines acknowledged per second, during ${seconds} s each, fsync on`);
for (const writers of [1, 20]) {
  const incident = await bench.incident(`${writers} personnes`);
  const taken = [];
  const until = performance.now() + Number(seconds) * 1000;
  await Promise.all(Array.from({ length: writers }, async (_, writer) => {
    for (let i = 0; performance.now() < until; i += 1) {
      const before = performance.now();
      await bench.call('POST', `/incidents/${incident}/journal`, { text: `Ligne ${i} de la personne ${writer} : appel du standard à la cellule.` });
      taken.push(performance.now() - before);
    }
  }));
  const { p50, p99 } = quantiles(taken);
  console.log(`${`${writers} at a time`.padEnd(36)}${(taken.length / Number(seconds)).toFixed(0).padStart(8)}/s   p50 ${ms(p50)} ms   p99 ${ms(p99)} ms`);
}
await bench.stop();
const bare = execFileSync('python3', [fileURLToPath(new URL('bare_commits.py', import.meta.url)), seconds], { encoding: 'utf8' });
console.log(`${'bare SQLite insert and commit'.padEnd(36)}${bare.trim().padStart(8)}/s`);
