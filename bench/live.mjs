// From a line sent to the frame that the last watcher receives: writers at one line per second, all watchers on one live stream each,
// every line on disk (fsync) before it is told.
//
//   node bench/live.mjs build/release/digue [SECONDS] [WRITERS] [WATCHERS]
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ms, quantiles, startWorkbench } from './workbench.mjs';

const [program, seconds = '300', writers = '20', watchers = '200'] = process.argv.slice(2);
const bench = await startWorkbench(program);
const incidents = [];
for (let i = 0; i < Number(writers); i += 1) incidents.push(await bench.incident(`Dossier ${i}`));

/** One line under way for each incident: its frames are known by the incident that they name. */
const waiting = new Map();
const told = [];
let late = 0;

function frame(watcher, incident) {
  const line = waiting.get(incident);
  if (!line) return;
  line.seen.add(watcher);
  if (line.seen.size < Number(watchers)) return;
  told.push(performance.now() - line.sent);
  waiting.delete(incident);
  line.done();
}

const sockets = await Promise.all(Array.from({ length: Number(watchers) }, (_, watcher) => new Promise((resolve, reject) => {
  const socket = net.connect(bench.port, '127.0.0.1', () =>
    socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nCookie: ${bench.cookie()}\r\n\r\n`));
  let text = '';
  socket.on('data', (part) => {
    text += part.toString('latin1');
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const event = text.slice(0, end);
      if (event.includes('event: hello')) resolve(socket);
      const found = /event: journal\ndata: \{"incident":"(\w+)"/.exec(event);
      if (found) frame(watcher, found[1]);
    }
  });
  socket.on('error', reject);
})));

console.log(`${writers} writers at one line per second, ${watchers} watchers, ${seconds} s, fsync on`);
const until = performance.now() + Number(seconds) * 1000;
const answered = [];
await Promise.all(incidents.map(async (incident, writer) => {
  await sleep((writer * 1000) / Number(writers));
  for (let i = 0; performance.now() < until; i += 1) {
    const sent = performance.now();
    const all = new Promise((done) => waiting.set(incident, { sent, seen: new Set(), done }));
    await bench.call('POST', `/incidents/${incident}/journal`, { text: `Ligne ${i} : appel du standard à la cellule.` });
    answered.push(performance.now() - sent);
    await all;
    const rest = 1000 - (performance.now() - sent);
    if (rest > 0) await sleep(rest);
    else late += 1;
  }
}));
for (const socket of sockets) socket.destroy();
const row = (name, { p50, p95, p99, max }) =>
  console.log(`${name.padEnd(36)}p50 ${ms(p50).padStart(7)}   p95 ${ms(p95).padStart(7)}   p99 ${ms(p99).padStart(7)}   max ${ms(max).padStart(7)} ms`);
row('line sent to its answer', quantiles(answered));
row('line sent to the last frame', quantiles(told));
console.log(`${told.length} lines, each received by ${watchers} watchers; ${late} took longer than a second`);
await bench.stop();
