// Evidence of gigabytes: received, read again, packed and checked in memory that does not grow with it.
//
//   node tests/soak/evidence.mjs build/release/digue [GIB]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { Workbench, close, expect, program, root, same, test } from '../integration/workbench.mjs';

const gib = Number(process.argv[3] ?? '2');
const MIB = 1 << 20;
const MOST = 160 * MIB;
const bench = await Workbench.start(join(root, 'data'));
await bench.signIn('A. Roche');
const { id } = await bench.newIncident();
const base = `/api/v1/incidents/${id}`;
const peak = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${bench.child.pid}/status`, 'utf8'))[1]) * 1024;
const stream = (method, path) => {
  let answered;
  const answer = new Promise((resolve, reject) => {
    answered = http.request({ host: '127.0.0.1', port: bench.port, method, path, headers: { Host: `127.0.0.1:${bench.port}`, 'X-Digue-Request': '1', Cookie: bench.cookie } }, resolve);
    answered.on('error', reject);
  });
  return { request: answered, answer };
};
async function job(started) {
  for (;;) {
    const one = (await bench.call('GET', `/incidents/${id}/jobs`)).find((other) => other.id === started.id);
    if (one.ended) {
      same([one.state, one.error], ['done', null], one.kind);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const hash = createHash('sha256');
let file = '';
await test(`${gib} GiB are received as they come`, async () => {
  const { request, answer } = stream('POST', `${base}/exhibits?name=grand.log&source=srv&authority=RSSI&tool=essai`);
  const part = Buffer.alloc(MIB);
  for (let i = 0; i < gib * 1024; i += 1) {
    part.fill(`2026-03-09T08:00:00+01:00 mx1 dovecot: ligne ${i}\n`);
    hash.update(part);
    if (!request.write(Buffer.from(part))) await new Promise((resolve) => request.once('drain', resolve));
  }
  request.end();
  const reply = await answer;
  let text = '';
  for await (const chunk of reply) text += chunk;
  same(reply.statusCode, 201, text);
  same(JSON.parse(text).sha256, hash.digest('hex'), 'the hash');
  console.log(`peak of the workbench: ${Math.round(peak() / MIB)} MiB`);
  expect(peak() < MOST, 'memory grew with the exhibit');
});

await test('they are read again, and packed', async () => {
  await job(await bench.call('POST', `/incidents/${id}/verifications`, { exhibits: [] }, 202));
  for (const more of [{ format: 'zip' }, { passphrase: 'quatre mots bien gardés' }])
    await job(await bench.call('POST', `/incidents/${id}/packages`, { recipient: 'Parquet', purpose: 'essai', ...more }, 202));
  console.log(`peak of the workbench: ${Math.round(peak() / MIB)} MiB`);
  // Argon2id takes 256 MiB for the passphrase, for a moment.
  expect(peak() < MOST + 256 * MIB, 'memory grew with the package');
  const [one] = await bench.call('GET', `/incidents/${id}/packages`);
  file = join(root, one.name);
  const { request, answer } = stream('GET', `${base}/packages/${one.id}/file`);
  request.end();
  await pipeline(await answer, createWriteStream(file));
  same(statSync(file).size, one.bytes, 'the file');
});

await test('the package is checked in little memory', async () => {
  const done = spawnSync('bash', ['-c', 'ulimit -v 1048576; exec "$0" verify "$1" --json', program, file], { encoding: 'utf8' });
  same(done.status, 0, done.stdout.slice(0, 500) + done.stderr);
});

await bench.kill('SIGTERM');
close();
