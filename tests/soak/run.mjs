// A workbench under steady use: incidents, uploads, analyses, journal lines and live streams, round after round. At the end nothing may
// have grown with the number of rounds (memory, descriptors, children), and after a kill -9 every acknowledged line is still there.
//
//   node tests/soak/run.mjs build/release/digue [SECONDS]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, close, expect } from '../web/lib/harness.mjs';

const [program, seconds = '120'] = process.argv.slice(2);
const evidence = fileURLToPath(new URL('../../demo/evidence/', import.meta.url));
const logs = readdirSync(evidence).filter((name) => name.endsWith('.log')).map((name) => ({ name, bytes: readFileSync(join(evidence, name)) }));
const WARM_ROUNDS = 3;
const SLACK = 64 << 20;

async function start(data) {
  const child = spawn(program, ['serve', '--data', data, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const link = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /https?:\/\/\S+#\/signin\?token=\S+/.exec(output);
      if (found) resolve(new URL(found[0]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
  const answer = await fetch(`${link.origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-digue-request': '1' },
    body: JSON.stringify({ token: new URLSearchParams(link.hash.split('?')[1]).get('token'), name: 'Essai de durée' }),
  });
  expect(answer.ok, `sign-in: ${answer.status}`);
  const cookie = answer.headers.get('set-cookie').split(';')[0];
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid,
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
    live: (path, signal) => fetch(`${link.origin}/api/v1${path}`, { headers: { cookie }, signal }),
    call: async (method, path, body, raw = false) => {
      const reply = await fetch(`${link.origin}/api/v1${path}`, {
        method,
        headers: { cookie, 'x-digue-request': '1', 'content-type': raw ? 'application/octet-stream' : 'application/json' },
        body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
      });
      const text = await reply.text();
      expect(reply.ok, `${method} ${path}: ${reply.status} ${text.slice(0, 300)}`);
      return text ? JSON.parse(text) : null;
    },
  };
}

const children = (pid) => readdirSync('/proc').filter((entry) => {
  if (!/^\d+$/.test(entry)) return false;
  try {
    return Number(readFileSync(`/proc/${entry}/stat`, 'latin1').split(') ')[1].split(' ')[1]) === pid;
  } catch {
    return false;
  }
}).length;

const measure = (pid) => ({
  memory: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) * 1024,
  descriptors: readdirSync(`/proc/${pid}/fd`).length,
  children: children(pid),
});

async function analysed(server, incident) {
  const started = await server.call('POST', `/incidents/${incident}/analyses`);
  for (;;) {
    const job = (await server.call('GET', `/incidents/${incident}/jobs`)).find((one) => one.id === started.id);
    if (!['queued', 'running'].includes(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function linesOf(server, incident) {
  const texts = new Set();
  for (let after = ''; ;) {
    const page = await server.call('GET', `/incidents/${incident}/journal?limit=200${after ? `&after=${after}` : ''}`);
    page.entries.forEach((entry) => texts.add(entry.text));
    if (!page.next) return texts;
    after = encodeURIComponent(page.next);
  }
}

const data = mkdtempSync(join(tmpdir(), 'digue-soak-'));
const acknowledged = new Map();
let server = await start(data);
const samples = [];

async function round(number) {
  const streams = new AbortController();
  const incident = (await server.call('POST', '/incidents', { title: `Dossier ${number}`, description: '', confirmed: false, exercise: true })).id;
  await Promise.all(Array.from({ length: 10 }, () => server.live(`/live?incident=${incident}`, streams.signal)));
  for (const { name, bytes } of logs) await server.call('POST', `/incidents/${incident}/exhibits?name=${name}`, bytes, true);
  const lines = Array.from({ length: 20 }, (_, n) => `Tour ${number}, ligne ${n} : appel du standard à la cellule.`);
  const written = Promise.all(lines.map((text) => server.call('POST', `/incidents/${incident}/journal`, {
    event_time: '2026-03-11T09:00:00Z', zone: 'Europe/Paris', reporter: '', kind: 'fact', text, machines: [], accounts: [], rectifies: null,
  })));
  const job = await analysed(server, incident);
  expect(job.state === 'done', `the analysis of round ${number}: ${JSON.stringify(job)}`);
  await written;
  acknowledged.set(incident, lines);
  await server.call('GET', `/incidents/${incident}/story`);
  await server.call('GET', `/incidents/${incident}/events?limit=100`);
  streams.abort();
  // The server hears of a closed stream when it next writes or reads; a line of journal wakes them all.
  await server.call('GET', `/incidents/${incident}/journal?limit=1`);
  samples.push(measure(server.pid));
}

const until = Date.now() + Number(seconds) * 1000;
await check(`rounds during ${seconds} s`, async () => {
  for (let number = 0; number < WARM_ROUNDS + 2 || Date.now() < until; ++number) await round(number);
});
const warm = samples[WARM_ROUNDS - 1];
const last = samples.at(-1);
console.log(`${samples.length} rounds; memory ${(warm?.memory / 2 ** 20).toFixed(1)} -> ${(last?.memory / 2 ** 20).toFixed(1)} MiB, ` +
  `descriptors ${warm?.descriptors} -> ${last?.descriptors}, children ${last?.children}`);
await check('memory does not grow with the rounds', () => expect(last.memory < warm.memory * 1.5 + SLACK, JSON.stringify(samples)));
await check('descriptors do not grow with the rounds', async () => {
  for (let wait = 0; wait < 50 && measure(server.pid).descriptors > warm.descriptors + 5; ++wait) await new Promise((resolve) => setTimeout(resolve, 200));
  const now = measure(server.pid).descriptors;
  expect(now <= warm.descriptors + 5, `${warm.descriptors} then ${now}`);
});
await check('no worker is left', () => expect(measure(server.pid).children === 0, `${last.children} children`));
await check('after kill -9, every acknowledged line is there', async () => {
  await server.kill('SIGKILL');
  server = await start(data);
  for (const [incident, lines] of acknowledged) {
    const texts = await linesOf(server, incident);
    for (const line of lines) expect(texts.has(line), `lost in ${incident}: ${line}`);
  }
});
await server.kill('SIGTERM');
rmSync(data, { recursive: true, force: true });
process.exit(close());
