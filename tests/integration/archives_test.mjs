// Archives that a browser fetches by a link, and backups of what was damaged before.
//
//   node tests/integration/archives_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import http from 'node:http';
import { join, resolve } from 'node:path';

import { Workbench, close, expect, program, root, same, sha256, test } from './workbench.mjs';

const digue = resolve(program);
const run = (args, data) => {
  const done = spawnSync(digue, [...args, '--author', 'A. Roche', '--data', data, '--json'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { code: done.status, out: done.stdout, err: done.stderr, told: done.stdout.startsWith('{') ? JSON.parse(done.stdout) : null };
};
const data = join(root, 'data');
const bench = await Workbench.start(data);
await bench.signIn();
const incident = await bench.newIncident('Boîte du secrétariat');
const phrase = 'quatre mots bien gardés';

/** Takes a download as a browser does; `paused` is called once the first bytes are there, and nothing more is read until it is done. */
const take = (path, { paused = null, cookie = bench.cookie } = {}) => new Promise((resolve_, reject) => {
  const request = http.get({ host: '127.0.0.1', port: bench.port, path: `/api/v1${path}`, headers: { Cookie: cookie } }, (answer) => {
    const parts = [];
    let held = false;
    answer.on('data', (part) => {
      parts.push(part);
      if (!paused || held) return;
      held = true;
      answer.pause();
      paused().then(() => answer.resume(), reject);
    });
    const end = () => resolve_({ status: answer.statusCode, headers: answer.headers, whole: answer.complete, bytes: Buffer.concat(parts) });
    answer.on('close', end);
    answer.on('error', () => {});
  });
  request.on('error', reject);
});

await test('a backup by link: once only, for its session, whole, told with size and hash', async () => {
  const told = await bench.call('POST', '/backup', { passphrase: phrase, link: true }, 201);
  same([told.state, told.bytes, told.sha256, told.error], ['waiting', 0, null, null], 'prepared');
  expect(/^digue-backup-.*\.tar\.digue$/.test(told.name) && told.about > 10000, JSON.stringify(told));
  const { link } = await bench.call('POST', '/session/links', undefined, 201);
  const stranger = await bench.request('POST', '/api/v1/session', { body: JSON.stringify({ token: new URL(link).hash.split('=')[1], name: 'B. Morel' }), signed: false });
  const cookie = stranger.headers['set-cookie'][0].split(';')[0];
  for (const [method, path] of [['GET', ''], ['GET', '/file'], ['DELETE', '']])
    same((await bench.request(method, `/api/v1/downloads/${told.id}${path}`, { headers: { Cookie: cookie } })).status, 404, `${method} by another session`);
  same((await bench.request('GET', `/api/v1/downloads/${told.id}/file`, { signed: false })).status, 401, 'by nobody');
  const got = await take(`/downloads/${told.id}/file`);
  same([got.status, got.whole], [200, true], 'the archive');
  expect(got.headers['content-disposition'] === `attachment; filename="${told.name}"`, got.headers['content-disposition']);
  const after = await bench.call('GET', `/downloads/${told.id}`);
  same([after.state, after.bytes, after.sha256], ['done', got.bytes.length, sha256(got.bytes)], 'what left');
  same((await take(`/downloads/${told.id}/file`)).status, 404, 'a second time');
  writeFileSync(join(root, 'phrase'), `${phrase}\n`);
  writeFileSync(join(root, told.name), got.bytes);
  const restored = run(['restore', join(root, told.name), '--passphrase-file', join(root, 'phrase')], join(root, 'restored'));
  same([restored.code, restored.told?.good], [0, true], restored.err);
  same((await bench.request('POST', '/api/v1/backup', { body: JSON.stringify({ passphrase: 'court', link: true }) })).status, 422, 'a phrase that is too short');
});

await test('given up or cut on its way, it is never told as whole, and leaves nothing', async () => {
  await bench.upload(incident.id, 'mail.log', Buffer.alloc(48 << 20, 'une ligne\n'));
  const cancelled = await bench.call('POST', `/incidents/${incident.id}/export`, { to: 'CHU voisin', link: true }, 201);
  const got = await take(`/downloads/${cancelled.id}/file`, { paused: () => bench.call('DELETE', `/downloads/${cancelled.id}`, undefined, 204) });
  same([got.status, got.whole], [200, false], 'a whole answer');
  expect(got.bytes.length < cancelled.about, `${got.bytes.length} bytes came`);
  const after = await bench.call('GET', `/downloads/${cancelled.id}`);
  same([after.state, after.sha256], ['failed', null], 'given up');

  const cut = await bench.call('POST', '/backup', { link: true }, 201);
  await new Promise((resolve_, reject) => {
    http.get({ host: '127.0.0.1', port: bench.port, path: `/api/v1/downloads/${cut.id}/file`, headers: { Cookie: bench.cookie } }, (answer) => {
      answer.once('data', () => answer.destroy());
      answer.on('error', () => {});
      answer.on('close', resolve_);
    }).on('error', reject);
  });
  for (let state = 'sending'; state !== 'failed';) {
    const seen = await bench.call('GET', `/downloads/${cut.id}`);
    state = seen.state;
    expect(state !== 'done', 'told as whole');
    await new Promise((resolve_) => setTimeout(resolve_, 20));
  }
  same(readdirSync(join(data, 'copies')), [], 'copies');
});

await test('a sealed incident is taken in with its phrase, and with no other', async () => {
  const told = await bench.call('POST', `/incidents/${incident.id}/export`, { to: 'CHU voisin', passphrase: phrase, link: true }, 201);
  const { bytes } = await take(`/downloads/${told.id}/file`);
  const there = await Workbench.start(join(root, 'there'));
  await there.signIn('B. Morel');
  const give = (given) => there.request('POST', '/api/v1/incidents/import', { body: bytes, headers: { 'X-Digue-Passphrase': given === null ? null : encodeURIComponent(given) } });
  const none = await give(null);
  expect(none.status === 422 && none.json.error.help.includes('digue evidence open'), none.text);
  same((await give('une tout autre phrase')).status, 403, 'another phrase');
  same((await there.call('GET', '/incidents')).length, 0, 'something was kept');
  const taken = await give(phrase);
  same([taken.status, taken.json.id, taken.json.exhibits], [201, incident.id, 1], taken.text);
  await there.kill('SIGTERM');
});

await test('a backup of what was damaged before is made and restored as it was: exit code 1, each damage named', async () => {
  const small = await bench.upload(incident.id, 'second.log', 'deux lignes\n');
  await bench.line(incident.id, 'une ligne à changer');
  await bench.kill('SIGTERM');
  const place = (folder) => join(folder, 'vault', small.sha256.slice(0, 2), small.sha256);
  const rewrite = (folder) => {
    const done = spawnSync('python3', ['-c', `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute('DROP TRIGGER journal_bodies_stay')
print(base.execute("UPDATE journal_bodies SET body = replace(body, 'à changer', 'changée') WHERE body LIKE '%à changer%'").rowcount)
base.commit()`, join(folder, 'cases.sqlite')], { encoding: 'utf8' });
    same([done.status, done.stdout.trim()], [0, '1'], done.stderr);
  };
  const damages = {
    altered: [(folder) => { chmodSync(place(folder), 0o600); writeFileSync(place(folder), 'DEUX lignes\n'); }, small.sha256],
    missing: [(folder) => rmSync(place(folder)), 'second.log'],
    line: [rewrite, `${incident.reference}: `],
  };
  for (const [name, [damage, named]] of Object.entries(damages)) {
    const folder = join(root, `hurt-${name}`);
    cpSync(data, folder, { recursive: true, filter: (path) => !path.endsWith('/socket') });
    damage(folder);
    const file = join(root, `${name}.tar`);
    const made = run(['backup', file], folder);
    same(made.code, 0, `${name}: ${made.err}`);
    const restored = run(['restore', file], join(root, `back-${name}`));
    same([restored.code, restored.told?.good, restored.told?.incidents], [1, false, 1], `${name}: ${restored.err}`);
    expect(restored.told.problems.some((problem) => problem.includes(named)) && restored.err.includes(named), `${name}: ${restored.err}`);
    expect(existsSync(join(root, `back-${name}`, 'cases.sqlite')), name);
  }
});

await test('a database that cannot be read makes no backup, and leaves no file', async () => {
  const folder = join(root, 'unreadable');
  cpSync(data, folder, { recursive: true, filter: (path) => !path.endsWith('/socket') });
  const path = join(folder, 'cases.sqlite');
  const file = openSync(path, 'r+');
  const rest = statSync(path).size - 4096;
  writeSync(file, Buffer.alloc(rest, 0x5a), 0, rest, 4096);
  closeSync(file);
  const made = run(['backup', join(root, 'never.tar')], folder);
  expect(made.code === 4, `${made.code} ${made.err}`);
  expect(!existsSync(join(root, 'never.tar')) && !existsSync(join(root, 'never.tar.part')), 'a file is left');
  expect(readFileSync(path).length > 4096, 'the data directory was changed');
});

close();
