// The server as its users get it: the real program on a data directory of its own.
//
//   node tests/integration/serve_test.mjs build/release/digue
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { Workbench, close, expect, incoming, program, root, same, sha256, skip, test, vault } from './workbench.mjs';

let bench = await Workbench.start(join(root, 'data'));

await test('without a login session nothing is told', async () => {
  for (const path of ['/session', '/incidents', '/playbook', '/incidents/x/journal', '/live']) {
    const answer = await bench.request('GET', `/api/v1${path}`);
    same(answer.status, 401, path);
    expect(answer.json.error.message && answer.json.error.help, 'a diagnostic');
  }
});

await test('the sign-in link is good once', async () => {
  const wrong = await bench.request('POST', '/api/v1/session', { body: JSON.stringify({ token: '0'.repeat(64), name: 'X' }) });
  same(wrong.status, 403, 'a wrong token');
  await bench.signIn();
  expect(/HttpOnly/.test(bench.setCookie) && /SameSite=Strict/.test(bench.setCookie), bench.setCookie);
  const again = await bench.request('POST', '/api/v1/session', { body: JSON.stringify({ token: bench.token, name: 'X' }) });
  same(again.status, 403, 'the same token again');
  same((await bench.call('GET', '/session')).name, 'A. Roche', 'name');
  const link = new URL((await bench.call('POST', '/session/links', undefined, 201)).link);
  same(link.port, String(bench.port), 'port of another link');
});

await test('every answer carries the security headers', async () => {
  for (const path of ['/', '/api/v1/incidents', '/api/v1/nothing', '/nothing']) {
    const { headers } = await bench.request('GET', path);
    expect(headers['content-security-policy']?.startsWith("default-src 'none'; script-src 'self'"), `${path}: policy`);
    same(headers['x-content-type-options'], 'nosniff', path);
    same(headers['referrer-policy'], 'no-referrer', path);
    same(headers['cross-origin-opener-policy'], 'same-origin', path);
  }
});

await test('the page is served with a strong ETag', async () => {
  const page = await bench.request('GET', '/', { signed: false });
  same(page.status, 200, 'page');
  same(page.headers['content-type'], 'text/html; charset=utf-8', 'type');
  same(page.headers.etag, `"${sha256(page.text)}"`, 'ETag');
  const again = await bench.request('GET', '/', { headers: { 'If-None-Match': page.headers.etag } });
  same([again.status, again.text], [304, ''], 'not modified');
  same((await bench.request('GET', '/../../etc/passwd')).status, 404, 'a path outside');
  same((await bench.request('GET', '/content/playbook/playbook.yaml')).status, 404, 'content is not the page');
});

await test('requests from elsewhere are refused', async () => {
  for (const host of ['evil.example', `evil.example:${bench.port}`, '127.0.0.1', `127.0.0.1:${bench.port + 1}`]) {
    same((await bench.request('GET', '/api/v1/incidents', { headers: { Host: host } })).status, 421, host);
  }
  same((await bench.request('GET', '/api/v1/session', { headers: { Host: `localhost:${bench.port}` } })).status, 200, 'localhost');
  const body = JSON.stringify({ title: 'x' });
  const post = (headers) => bench.request('POST', '/api/v1/incidents', { body, headers });
  same((await post({ 'X-Digue-Request': null })).status, 403, 'missing header');
  same((await post({ Origin: 'http://evil.example' })).status, 403, 'another origin');
  same((await post({ Origin: 'null' })).status, 403, 'a sandboxed origin');
  same((await post({ 'Sec-Fetch-Site': 'cross-site' })).status, 403, 'cross-site');
  same((await post({ Origin: `http://127.0.0.1:${bench.port}`, 'Sec-Fetch-Site': 'same-origin' })).status, 201, 'its own page');
});

await test('bad requests get a diagnostic in the language asked', async () => {
  const post = (body, path = '/incidents') => bench.request('POST', `/api/v1${path}`, { body });
  same((await post('{"title":')).status, 400, 'cut JSON');
  same((await post('{"title":"a","title":"b"}')).status, 400, 'a member twice');
  same((await post('"' + '\\ud800' + '"')).status, 400, 'lone surrogate');
  same((await post('[]')).status, 422, 'not an object');
  same((await post('{"title":"   "}')).status, 422, 'blank title');
  same((await post('{"title":5}')).json.error.where, 'title', 'the field is named');
  same((await post('['.repeat(100000))).status, 400, 'deep nesting');
  same((await post(JSON.stringify({ title: 'x'.repeat(2 << 20) }))).status, 413, 'too large');
  same((await bench.request('PUT', '/api/v1/incidents')).status, 405, 'method');
  same((await bench.request('GET', '/api/v1/incidents/0000')).status, 404, 'no such incident');
  const english = await bench.request('GET', '/api/v1/incidents/0000', { headers: { 'Accept-Language': 'en-GB,en;q=0.9' } });
  const french = await bench.request('GET', '/api/v1/incidents/0000');
  expect(english.json.error.message !== french.json.error.message, 'two languages');
});

await test('what is not HTTP is answered and ended', async () => {
  expect((await bench.raw('hello\r\n\r\n')).startsWith('HTTP/1.1 400'), 'nonsense');
  expect((await bench.raw(`GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(20000)}\r\n\r\n`)).startsWith('HTTP/1.1 431'), 'large head');
  expect((await bench.raw('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n')).startsWith('HTTP/1.1 400'), 'ambiguous length');
});

let incident;
await test('an incident begins with a clock check and the 22 actions', async () => {
  incident = await bench.newIncident();
  expect(/^\d{4}-\d{3}$/.test(incident.reference), incident.reference);
  same(incident.next.action, '1.a', 'what to do next');
  const lines = await bench.journal(incident.id);
  same(lines.map((line) => line.about), ['clock.check', 'incident.created'], 'first lines');
  same(lines.map((line) => line.seq), [1, 2], 'numbers');
  const tasks = await bench.call('GET', `/incidents/${incident.id}/tasks`);
  same(tasks.length, 22, 'tasks');
  same(new Set(tasks.map((task) => task.action)).size, 22, 'actions');
  const book = await bench.call('GET', '/playbook');
  same(book.measures.map((measure) => measure.id), ['1', '2', '4', '5', '6', '7', '9', '3', '8'], 'order of the measures');
  same(book.measures.flatMap((measure) => measure.actions.map((action) => action.id)), tasks.map((task) => task.action), 'order of the tasks');
});

await test('an exhibit is streamed to the vault, hashed and told', async () => {
  const bytes = randomBytes(9_000_000);
  const exhibit = await bench.upload(incident.id, 'dossier/été 1.log', bytes);
  same([exhibit.name, exhibit.bytes, exhibit.sha256], ['dossier/été 1.log', bytes.length, sha256(bytes)], 'exhibit');
  const path = join(bench.data, 'vault', exhibit.sha256.slice(0, 2), exhibit.sha256);
  same(statSync(path).mode & 0o777, 0o400, 'mode');
  expect(readFileSync(path).equals(bytes), 'content');
  const before = vault(bench).length;
  const copy = await bench.upload(incident.id, 'copie', bytes);
  expect(copy.id !== exhibit.id && copy.sha256 === exhibit.sha256, 'a second exhibit');
  same(vault(bench).length, before, 'files');
  same((await bench.upload(incident.id, 'vide', Buffer.alloc(0))).bytes, 0, 'an empty file');
  same((await bench.call('GET', `/incidents/${incident.id}/exhibits`)).map((one) => one.name), ['dossier/été 1.log', 'copie', 'vide'], 'list');
  same((await bench.call('GET', `/incidents/${incident.id}/custody`)).map((one) => one.what), Array(3).fill(['received', 'recorded']).flat(), 'custody');
  expect((await bench.journal(incident.id)).at(-1).text.includes('vide'), 'journal');
  await bench.upload('0000', 'x', Buffer.from('x'), 404);
  await bench.upload(incident.id, ' ', Buffer.from('x'), 422);
  same(incoming(bench), [], 'incoming');
});

await test('an upload that is cut leaves nothing', async () => {
  const before = vault(bench).length;
  const socket = net.connect(bench.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST /api/v1/incidents/${incident.id}/exhibits?name=half HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nX-Digue-Request: 1\r\n` +
    `Cookie: ${bench.cookie}\r\nContent-Length: 10000000\r\n\r\n`);
  socket.write(randomBytes(3_000_000));
  for (let i = 0; i < 500 && incoming(bench).length === 0; i += 1) await sleep(10);
  expect(incoming(bench).length === 1, 'it had begun');
  socket.destroy();
  for (let i = 0; i < 500 && incoming(bench).length > 0; i += 1) await sleep(10);
  same([incoming(bench), vault(bench).length], [[], before], 'what stays');
});

await test('journal lines are added, corrected, searched, never changed', async () => {
  const line = await bench.line(incident.id, 'Compte bloqué à <b>21 h 04</b> \u202e\u0000', {
    event_time: '2026-03-09T21:04:00+01:00', zone: 'Europe/Paris', precision: 'minute', kind: 'action', reporter: 'standard',
    machines: ['srv-mail'], accounts: ['c.moreau@ch-exemple.fr'],
  });
  same([line.event_time, line.author, line.reporter, line.kind, line.precision], ['2026-03-09T20:04:00Z', 'A. Roche', 'standard', 'action', 'minute'], 'line');
  same(line.text, 'Compte bloqué à <b>21 h 04</b> \u202e\u0000', 'hostile text stays as it is');
  const fix = await bench.line(incident.id, 'À 21 h 40.', { rectifies: line.seq });
  await bench.line(incident.id, 'À 21 h 41.', { rectifies: line.seq }, 409);
  await bench.line(incident.id, 'x', { rectifies: 9999 }, 404);
  await bench.line(incident.id, ' ', {}, 422);
  await bench.line(incident.id, 'x'.repeat(40000), {}, 422);
  await bench.line(incident.id, 'x', { kind: 'system' }, 422);
  await bench.line(incident.id, 'x', { event_time: '2026-03-09T21:04:00' }, 422);
  await bench.line(incident.id, 'x', { zone: 'Europe/Nowhere' }, 422);
  const lines = await bench.journal(incident.id);
  same(lines.map((one) => one.seq), lines.map((_, i) => i + 1), 'numbers without a gap');
  const old = lines.find((one) => one.seq === line.seq);
  same([old.rectified_by, old.text, old.hash], [fix.seq, line.text, line.hash], 'the old line stays');
  const found = await bench.call('GET', `/incidents/${incident.id}/journal?q=SRV-mail`);
  same(found.entries.map((one) => one.seq), [line.seq], 'search');
  const page = await bench.call('GET', `/incidents/${incident.id}/journal?limit=2`);
  same([page.entries.length, page.next, page.size], [2, '2', lines.length], 'first page');
});

await test('tasks change with reasons and are told', async () => {
  const tasks = () => bench.call('GET', `/incidents/${incident.id}/tasks`);
  const of = async (action, target = null) => (await tasks()).find((task) => task.action === action && task.target === target);
  const patch = (task, body, wanted) => bench.call('PATCH', `/incidents/${incident.id}/tasks/${task.id}`, body, wanted);
  const joined = await bench.call('POST', `/incidents/${incident.id}/accounts`, { account: 'C.Moreau@ch-exemple.fr', reason: 'appel' });
  same(joined.accounts.map((one) => one.account), ['c.moreau@ch-exemple.fr'], 'accounts');
  await bench.call('POST', `/incidents/${incident.id}/accounts`, { account: 'c.moreau@ch-exemple.fr', reason: '' }, 409);
  same((await tasks()).length, 22, 'the first account takes the open tasks over');
  const block = await of('1.a', 'c.moreau@ch-exemple.fr');
  const reset = await of('1.b', 'c.moreau@ch-exemple.fr');
  await patch(reset, { state: 'done', reason: '', owner: '' }, 422);
  await patch(block, { state: 'refused', reason: '', owner: '' }, 422);
  await patch(block, { state: 'elsewhere', reason: '', owner: '' }, 422);
  const done = await patch(block, { state: 'done', reason: '', owner: 'B. Diop', proof: 'connexion refusée' }, 200);
  same([done.state, done.owner, done.by], ['done', 'B. Diop', 'A. Roche'], 'task');
  same((await bench.call('GET', `/incidents/${incident.id}`)).next.action, '1.b', 'next');
  await patch(reset, { state: 'done', reason: '', owner: '', proof: 'relu' }, 200);
  same((await bench.journal(incident.id)).filter((line) => line.about === 'task.changed').length, 2, 'journal');
});

await test('an analysis runs or says why not, and is told', async () => {
  const other = await bench.newIncident('Analyse');
  await bench.call('POST', `/incidents/${other.id}/analyses`, undefined, 422);
  same((await bench.request('GET', `/api/v1/incidents/${other.id}/story`)).status, 404, 'no story yet');
  const log = Array.from({ length: 50 }, (_, i) => `2026-03-09T08:${String(i).padStart(2, '0')}:00.000000+01:00 mx1 dovecot: imap-login: Login: ` +
    `user=<c.moreau@ch-exemple.fr>, method=PLAIN, rip=192.0.2.${i % 3}, lip=192.0.2.200, mpid=${i + 100}, TLS, session=<s${i}>`).join('\n') + '\n';
  await bench.upload(other.id, 'mail.log', Buffer.from(log));
  const job = await bench.call('POST', `/incidents/${other.id}/analyses`, undefined, 202);
  let last = job;
  for (let i = 0; i < 600 && ['queued', 'running'].includes(last.state); i += 1) {
    await sleep(50);
    [last] = await bench.call('GET', `/incidents/${other.id}/jobs`);
  }
  expect(['done', 'failed'].includes(last.state), JSON.stringify(last));
  const told = (await bench.journal(other.id)).map((line) => line.about);
  expect(told.includes('analysis.started') && told.includes(`analysis.${last.state}`), told.join());
  same(last.state, 'done', last.error);
  const story = await bench.call('GET', `/incidents/${other.id}/story`);
  same([story.version, story.analysis.schema], [1, 'digue.analysis/1'], 'story');
  const [exhibit] = await bench.call('GET', `/incidents/${other.id}/exhibits`);
  expect(exhibit.records > 0, JSON.stringify(exhibit));
  const record = await bench.call('GET', `/incidents/${other.id}/record?input=0&offset=0&length=20`);
  same(record.text, log.slice(0, 20), 'source bytes');
  same((await bench.call('GET', `/incidents/${other.id}/custody`)).map((one) => one.what), ['received', 'recorded', 'analysed', 'viewed'], 'custody');
});

await test('source lines of compressed, archived and UTF-16 exhibits are shown as they were read', async () => {
  const other = await bench.newIncident('Pièces emballées');
  const lines = (host) => Array.from({ length: 300 }, (_, i) => `2026-03-09T08:00:00.${String(i).padStart(6, '0')}+01:00 ${host} dovecot: imap-login: Login: ` +
    `user=<é.moreau@ch-exemple.fr>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.200, mpid=${i}, TLS, session=<${host}${i}>`);
  const folder = mkdtempSync(join(root, 'packed-'));
  for (const name of ['a.log', 'b!.log']) writeFileSync(join(folder, name), lines(name[0]).join('\n') + '\n');
  execFileSync('tar', ['-cf', 'set.tar', 'a.log', 'b!.log'], { cwd: folder });
  await bench.upload(other.id, 'mail.log.gz', gzipSync(lines('gz').join('\n')));
  await bench.upload(other.id, 'set.tar', readFileSync(join(folder, 'set.tar')));
  await bench.upload(other.id, 'wide.log', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(lines('wide').join('\r\n'), 'utf16le')]));
  await bench.call('POST', `/incidents/${other.id}/analyses`, undefined, 202);
  for (let i = 0; i < 600; i += 1) {
    const [last] = await bench.call('GET', `/incidents/${other.id}/jobs`);
    if (!['queued', 'running'].includes(last.state)) { same(last.state, 'done', last.error); break; }
    await sleep(50);
  }
  const { analysis } = await bench.call('GET', `/incidents/${other.id}/story`);
  const hosts = { 'mail.log.gz': 'gz', 'set.tar!a.log': 'a', 'set.tar!b!.log': 'b', 'wide.log': 'wide' };
  same(analysis.inputs.map((one) => one.path).sort(), Object.keys(hosts).sort(), 'inputs');
  for (const [index, input] of analysis.inputs.entries()) {
    const line = lines(hosts[input.path])[200];
    const end = hosts[input.path] === 'wide' ? 2 : 1;
    const offset = Buffer.byteLength(lines(hosts[input.path]).slice(0, 200).join('\n') + '\n') + 200 * (end - 1);
    const record = await bench.call('GET', `/incidents/${other.id}/record?input=${index}&offset=${offset}&length=${Buffer.byteLength(line)}`);
    same(record.text, line, input.path);
    expect(record.before.endsWith('session=<' + hosts[input.path] + '199>' + (end === 2 ? '␍' : '') + '\n'), record.before.slice(-40));
    await bench.call('GET', `/incidents/${other.id}/record?input=${index}&offset=99999999&length=5`, undefined, 404);
  }
  same((await bench.call('GET', `/incidents/${other.id}/custody`)).filter((one) => one.what === 'viewed').length, 4, 'custody of views');
});

/** The analysis process of a server, as soon as there is one. */
async function workerOf(server) {
  for (let i = 0; i < 4000; i += 1) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const parent = / \(.*\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1];
        if (Number(parent) === server && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker')) return Number(pid);
      } catch { /* it has ended meanwhile */ }
    }
    await sleep(2);
  }
  throw new Error('no analysis process was seen');
}

await test('a killed analysis costs its job only, and is told; a cancelled one ends at once', async () => {
  const other = await bench.newIncident('Analyse interrompue');
  const lines = Array.from({ length: 1000 }, (_, i) => `2026-03-09T08:00:00.${String(i).padStart(6, '0')}+01:00 mx1 dovecot: imap-login: Login: ` +
    `user=<c.moreau@ch-exemple.fr>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.200, mpid=${i}, TLS, session=<k${i}>`).join('\n') + '\n';
  await bench.upload(other.id, 'mail.log', Buffer.from(lines.repeat(400)));
  const ended = async () => {
    for (let i = 0; i < 1200; i += 1) {
      const [last] = await bench.call('GET', `/incidents/${other.id}/jobs`);
      if (!['queued', 'running'].includes(last.state)) return last;
      await sleep(50);
    }
    throw new Error('the job does not end');
  };
  await bench.call('POST', `/incidents/${other.id}/analyses`, undefined, 202);
  process.kill(await workerOf(bench.child.pid), 'SIGKILL');
  const killed = await ended();
  same(killed.state, 'failed', 'killed');
  expect(/signal 9/.test(killed.error), killed.error);
  const told = (await bench.journal(other.id)).map((line) => line.about);
  expect(told.includes('analysis.failed'), told.join());
  const [exhibit] = await bench.call('GET', `/incidents/${other.id}/exhibits`);
  same(exhibit.sha256, sha256(lines.repeat(400)), 'the evidence');

  const job = await bench.call('POST', `/incidents/${other.id}/analyses`, undefined, 202);
  const frozen = await workerOf(bench.child.pid);
  process.kill(frozen, 'SIGSTOP');
  await bench.call('DELETE', `/incidents/${other.id}/jobs/${job.id}`);
  same((await ended()).state, 'cancelled', 'cancelled');
  expect(!existsSync(`/proc/${frozen}`), 'the frozen process is gone');

  await bench.call('POST', `/incidents/${other.id}/analyses`, undefined, 202);
  same((await ended()).state, 'done', 'run again');
});

await test('a data directory has one owner, who is named', async () => {
  let refused = null;
  try {
    const second = await Workbench.start(bench.data);
    await second.kill('SIGKILL');
  } catch (error) {
    refused = error.message;
  }
  expect(refused?.includes(`ended with 4`) && refused.includes(String(bench.child.pid)), refused);
});

await test('only the machine itself is listened on', async () => {
  let refused = null;
  try {
    const open = await Workbench.start(join(root, 'other'), ['--bind', '0.0.0.0']);
    await open.kill('SIGKILL');
  } catch (error) {
    refused = error.message;
  }
  expect(refused?.includes('ended with 2'), refused);
});

await test('signing out ends the session', async () => {
  const old = bench.cookie;
  await bench.call('DELETE', '/session', undefined, 204);
  same((await bench.request('GET', '/api/v1/incidents', { headers: { Cookie: old } })).status, 401, 'after');
});

await test('a stop is graceful', async () => {
  const { code } = await bench.kill('SIGTERM');
  same(code, 0, 'exit code');
});

await test('kill -9 during a flood of lines loses no acknowledged line', async () => {
  for (let round = 0; round < 3; round += 1) {
    bench = await Workbench.start(bench.data);
    await bench.signIn();
    const { id } = await bench.newIncident(`Flot ${round}`);
    const acknowledged = new Map();
    let stop = false;
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let i = 0; !stop; i += 1) {
        try {
          const line = await bench.line(id, `ligne ${writer}/${i}`);
          acknowledged.set(line.seq, line);
        } catch (error) {
          if (!stop && !/ECONN|socket hang up/.test(error.message)) throw error;
          return;
        }
      }
    });
    while (acknowledged.size < 200 + 100 * round) await sleep(5);
    stop = true;
    bench.child.kill('SIGKILL');
    await Promise.all(writers);
    await bench.kill('SIGKILL');
    bench = await Workbench.start(bench.data);
    await bench.signIn();
    const lines = await bench.journal(id);
    same(lines.map((line) => line.seq), lines.map((_, i) => i + 1), 'numbers without a gap');
    for (const [seq, line] of acknowledged) same([lines[seq - 1].text, lines[seq - 1].hash], [line.text, line.hash], `line ${seq}`);
    await bench.kill('SIGKILL');
  }
});

await test('kill -9 during uploads keeps every acknowledged exhibit, and nothing by half', async () => {
  const kept = new Map();
  let id = null;
  for (let round = 0; round < 3; round += 1) {
    bench = await Workbench.start(bench.data);
    await bench.signIn();
    id ??= (await bench.newIncident('Envois')).id;
    let stop = false;
    const senders = Array.from({ length: 4 }, async (_, sender) => {
      for (let i = 0; !stop; i += 1) {
        const bytes = randomBytes(400_000 + 1000 * sender);
        try {
          const exhibit = await bench.upload(id, `${round}-${sender}-${i}`, bytes);
          kept.set(exhibit.id, sha256(bytes));
        } catch (error) {
          if (!/ECONN|EPIPE|socket hang up/.test(error.message)) throw error;
          return;
        }
      }
    });
    const enough = kept.size + 10;
    while (kept.size < enough) await sleep(5);
    bench.child.kill('SIGKILL');
    stop = true;
    await Promise.all(senders);
    await bench.kill('SIGKILL');
  }
  bench = await Workbench.start(bench.data);
  await bench.signIn();
  const exhibits = await bench.call('GET', `/incidents/${id}/exhibits`);
  const found = new Map(exhibits.map((one) => [one.id, one]));
  for (const [exhibit, hash] of kept) same(found.get(exhibit)?.sha256, hash, `exhibit ${exhibit}`);
  for (const one of exhibits) {
    const bytes = readFileSync(join(bench.data, 'vault', one.sha256.slice(0, 2), one.sha256));
    same([bytes.length, sha256(bytes)], [one.bytes, one.sha256], one.name);
  }
  same(incoming(bench), [], 'incoming');
  const all = (await bench.call('GET', '/incidents')).map((one) => bench.call('GET', `/incidents/${one.id}/exhibits`));
  const recorded = new Set((await Promise.all(all)).flat().map((one) => one.sha256));
  same(vault(bench).filter((hash) => !recorded.has(hash)), [], 'files without a record');
  const told = (await bench.journal(id)).filter((line) => line.about === 'exhibit.received').length;
  same(told, exhibits.length, 'journal lines');
});

await bench.kill('SIGTERM');

// A small file system of its own, in a mount namespace that only the server sees.
const disk = join(root, 'disk');
mkdirSync(disk);
const small = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=12m none "$0" && exec "$@"', disk];
if (spawnSync(small[0], [...small.slice(1), 'true']).status === 0) {
  await test('a full disk is told, keeps nothing by half, and what was acknowledged stays', async () => {
    bench = await Workbench.start(join(disk, 'data'), [], small);
    bench.data = join('/proc', String(bench.child.pid), 'root', disk, 'data');
    await bench.signIn();
    const { id } = await bench.newIncident('Disque plein');
    await bench.upload(id, 'petit', randomBytes(2_000_000));
    writeFileSync(join('/proc', String(bench.child.pid), 'root', disk, 'ballast'), randomBytes(2_000_000));
    const refused = await bench.upload(id, 'grand', randomBytes(20_000_000), 507);
    expect(refused.error.code === 'storage' && refused.error.help, JSON.stringify(refused));
    for (let i = 0; i < 100 && incoming(bench).length > 0; i += 1) await sleep(20); // removed just behind the answer
    same([incoming(bench), vault(bench).length], [[], 1], 'what stays');
    const kept = [];
    let answer = null;
    for (let size = 4_000_000; size > 1000; size = Math.floor(size / 2)) {
      const sent = await bench.request('POST', `/api/v1/incidents/${id}/exhibits?name=${size}`, { body: randomBytes(size) });
      if (sent.status === 201) kept.push(sent.json.id);
    }
    for (let i = 0; i < 5000 && (answer === null || answer.status === 201); i += 1) {
      answer = await bench.request('POST', `/api/v1/incidents/${id}/journal`, { body: JSON.stringify({ text: `${i} ${'x'.repeat(20000)}` }) });
      if (answer.status === 201) kept.push(answer.json.seq);
    }
    same(answer.status, 507, `a line on a full disk: ${answer.text.slice(0, 200)}`);
    const lines = await bench.journal(id);
    for (const seq of kept.filter((one) => typeof one === 'number')) expect(lines[seq - 1], `line ${seq}`);
    const exhibits = await bench.call('GET', `/incidents/${id}/exhibits`);
    same(exhibits.map((one) => one.id).slice(1), kept.filter((one) => typeof one === 'string'), 'exhibits');
    same(vault(bench).sort(), exhibits.map((one) => one.sha256).sort(), 'files');
    // Room comes back: work goes on in the same program.
    rmSync(join('/proc', String(bench.child.pid), 'root', disk, 'ballast'));
    const next = await bench.line(id, 'De la place, de nouveau');
    same(next.seq, lines.length + 1, 'the next line');
    await bench.upload(id, 'encore', randomBytes(200_000));
    await bench.kill('SIGTERM');
  });
} else {
  skip('a full disk (no mount namespace for this user)');
}

close();
