// The door: accounts, second factors, roles, login sessions and TLS, over HTTP and from the terminal.
//
//   node tests/integration/people_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';

import { Phone } from './totp.mjs';
import { Workbench, close, expect, program, root, same, skip, test } from './workbench.mjs';

const data = join(root, 'people');
const PASSWORD = 'kz7-fwqb-lupin';
const digue = (...words) => spawnSync(program, [...words, '--data', data, '--json'], { encoding: 'utf8' });

let bench = await Workbench.start(data);
const people = {};

const api = (method, path, body, cookie, headers = {}) =>
  bench.request(method, `/api/v1${path}`, {
    body: body === undefined ? undefined : JSON.stringify(body), signed: false,
    headers: { 'Content-Type': 'application/json', ...(cookie ? { Cookie: cookie } : {}), ...headers },
  });
const as = (who, method, path, body, headers) => api(method, path, body, people[who].cookie, headers);
const cookieOf = (answer) => answer.headers['set-cookie'][0].split(';')[0];
const status = (answer, wanted, what) => same(answer.status, wanted, `${what}: ${answer.text.slice(0, 200)}`);

async function setUp(login, link, password = PASSWORD) {
  const token = new URLSearchParams(link.split('?')[1]).get('token');
  const offer = (await api('POST', '/set-up', { token })).json;
  const phone = new Phone(offer.secret);
  const done = await api('PUT', '/set-up', { token, password, code: await phone.code() });
  status(done, 200, `set-up of ${login}`);
  people[login] = { phone, cookie: cookieOf(done), recovery: done.json.recovery, token };
}
async function signIn(login, code) {
  return api('POST', '/session', { login, password: PASSWORD, code: code ?? (await people[login].phone.code()) });
}

await test('without accounts the link opens everything, and says so', async () => {
  same((await api('GET', '/access')).json, { accounts: false }, 'the door');
  await bench.signIn('A. Roche');
  const session = await bench.call('GET', '/session');
  same([session.accounts, session.person, session.rights.includes('administrate')], [false, null, true], 'the session');
});

let early = null;
await test('the first account ends that mode and keeps what was opened', async () => {
  early = await bench.newIncident('Ouvert sans compte');
  const invited = await bench.call('POST', '/people', { login: 'a.roche', name: 'Alix Roche' }, 201);
  expect(invited.administrator && invited.state === 'invited', 'the first account administrates');
  same((await bench.request('GET', '/api/v1/incidents')).status, 200, 'until it is set up the link still works');
  await setUp('a.roche', invited.link);
  same((await bench.request('GET', '/api/v1/incidents')).status, 401, 'the link session is over');
  same((await api('POST', '/session', { token: bench.token, name: 'x' })).status, 403, 'links open nothing');
  same((await api('GET', '/access')).json, { accounts: true }, 'the door');
  const mine = (await as('a.roche', 'GET', '/incidents')).json;
  same(mine.map((one) => one.id), [early.id], 'the incident stays in sight');
  same(people['a.roche'].recovery.length, 10, 'recovery codes');
});

await test('the cookie is strict and the key of the factors is not in the database', async () => {
  const answer = await signIn('a.roche');
  status(answer, 200, 'sign-in');
  expect(/; HttpOnly; SameSite=Strict; Path=\/$/.test(answer.headers['set-cookie'][0]), answer.headers['set-cookie'][0]);
  people['a.roche'].cookie = cookieOf(answer);
  same(statSync(join(data, 'people.key')).mode & 0o777, 0o600, 'mode of the key');
});

await test('people are invited, set up and given roles', async () => {
  for (const [login, name] of [['c.roux', 'Camille Roux'], ['s.petit', 'Sacha Petit'], ['d.morel', 'Dominique Morel']]) {
    const invited = await as('a.roche', 'POST', '/people', { login, name });
    status(invited, 201, 'invite');
    await setUp(login, invited.json.link);
  }
  same((await api('POST', '/set-up', { token: people['c.roux'].token })).status, 404, 'a set-up link is good once');
  status(await as('a.roche', 'PUT', `/incidents/${early.id}/people/c.roux`, { roles: ['responder'] }), 200, 'role');
  status(await as('a.roche', 'PUT', `/incidents/${early.id}/people/s.petit`, { roles: ['direction'] }), 200, 'role');
  const journal = (await as('a.roche', 'GET', `/incidents/${early.id}/journal`)).json.entries;
  expect(journal.some((line) => line.about === 'people.roles' && line.text.includes('Camille Roux') && line.author === 'Alix Roche'), 'the journal tells it');
});

await test('need to know: no role, no incident; a role opens what it says', async () => {
  const at = `/incidents/${early.id}`;
  const hidden = await as('d.morel', 'GET', at);
  const absent = await as('d.morel', 'GET', '/incidents/0000000000000000');
  same([hidden.status, hidden.json.error.message], [404, absent.json.error.message], 'as if it were not there');
  same((await as('d.morel', 'GET', '/incidents')).json, [], 'not in the list');
  same((await as('d.morel', 'GET', `/live?incident=${early.id}`)).status, 404, 'not live');
  same((await as('d.morel', 'POST', `${at}/journal`, { text: 'x' })).status, 404, 'not to write');
  same((await as('d.morel', 'POST', `${at}/exhibits?name=x`, {})).status, 404, 'not to upload');
  same((await as('s.petit', 'GET', at)).status, 200, 'the direction sees the situation');
  same((await as('s.petit', 'GET', `${at}/duties`)).status, 200, 'and the declarations');
  for (const path of ['story', 'exhibits', 'events', 'journal', 'custody']) same((await as('s.petit', 'GET', `${at}/${path}`)).status, 403, path);
  same((await as('s.petit', 'POST', `${at}/journal`, { text: 'x' })).status, 403, 'and does not write');
  same((await as('c.roux', 'POST', `${at}/journal`, { text: 'Compte bloqué', kind: 'action' })).status, 201, 'a responder writes');
  same((await as('c.roux', 'PUT', `${at}/people/d.morel`, { roles: ['pilot'] })).status, 403, 'and gives no role');
  for (const path of ['/people', '/security-log', '/people/sessions']) same((await as('c.roux', 'GET', path)).status, 403, path);
  const rights = (await as('s.petit', 'GET', at)).json.rights;
  same(rights, ['none', 'read_situation', 'read_declarations'], 'the page is told');
});

await test('a change needs its header, a session its cookie', async () => {
  same((await api('POST', '/incidents', { title: 'x' }, people['a.roche'].cookie, { 'X-Digue-Request': null })).status, 403, 'no header');
  same((await api('POST', '/session', { login: 'a.roche', password: 'x', code: 'x' }, null, { 'X-Digue-Request': null })).status, 403, 'not even to sign in');
  same((await api('POST', '/incidents', { title: 'x' }, people['a.roche'].cookie, { Origin: 'http://elsewhere.example' })).status, 403, 'another origin');
  same((await api('GET', '/incidents', undefined, `${people['a.roche'].cookie}0`)).status, 401, 'another cookie');
});

await test('a session that somebody prepared is not the one that signs in', async () => {
  const prepared = `${people['a.roche'].cookie.split('=')[0]}=${'0'.repeat(64)}`;
  const answer = await api('POST', '/session', { login: 'c.roux', password: PASSWORD, code: await people['c.roux'].phone.code() }, prepared);
  status(answer, 200, 'sign-in');
  expect(cookieOf(answer) !== prepared, 'a new secret');
  same((await api('GET', '/session', undefined, prepared)).status, 401, 'the prepared one opens nothing');
  const before = people['c.roux'].cookie;
  people['c.roux'].cookie = cookieOf(answer);
  const again = await api('POST', '/session', { login: 'c.roux', password: PASSWORD, code: people['c.roux'].recovery[0] }, people['c.roux'].cookie);
  status(again, 200, 'sign-in by recovery code');
  same((await as('c.roux', 'GET', '/session')).status, 401, 'the session that the browser held is over');
  people['c.roux'].cookie = cookieOf(again);
  same((await api('GET', '/session', undefined, before)).status, 200, 'another browser stays');
  same((await signIn('c.roux', people['c.roux'].recovery[0])).status, 403, 'a recovery code is good once');
});

await test('a stranger, a wrong password and a wrong code get one and the same answer', async () => {
  const answers = [];
  for (const body of [
    { login: 'nobody', password: PASSWORD, code: '123456' },
    { login: 'd.morel', password: 'wrong', code: '123456' },
    { login: 'd.morel', password: PASSWORD, code: '123456' },
  ]) answers.push(await api('POST', '/session', body));
  same(answers.map((one) => one.status), [403, 403, 403], 'status');
  same(new Set(answers.map((one) => one.text)).size, 1, 'one text');
});

await test('guessing is slowed down, whether the account exists or not', async () => {
  for (const login of ['d.morel', 'nobody']) {
    let waited = null;
    for (let i = 0; i < 8 && !waited; ++i) {
      const answer = await api('POST', '/session', { login, password: 'wrong', code: '123456' });
      if (answer.status === 429) waited = answer;
      else same(answer.status, 403, login);
    }
    expect(waited && Number(waited.headers['retry-after']) >= 1 && waited.json.error.code === 'wait', `${login} is not slowed down`);
  }
});

await test('a sensitive action asks for a proof that is fresh', async () => {
  // The proof of the sign-in is fresh: nothing is asked. What an old one does is tested with a clock of its own (src/api/rights_test.cpp).
  status(await as('a.roche', 'POST', '/people', { login: 'temp', name: 'Temporaire' }), 201, 'fresh');
  const before = people['a.roche'].cookie;
  same((await as('a.roche', 'POST', '/session/proof', { password: 'wrong' })).status, 403, 'a wrong proof');
  const proof = await as('a.roche', 'POST', '/session/proof', { password: PASSWORD });
  status(proof, 200, 'proof');
  people['a.roche'].cookie = cookieOf(proof);
  same((await api('GET', '/session', undefined, before)).status, 401, 'a proof changes the secret');
});

await test('sessions are listed and revoked at once, live streams too', async () => {
  const mine = (await as('c.roux', 'GET', '/sessions')).json;
  expect(mine.length === 2 && mine.filter((one) => one.current).length === 1, JSON.stringify(mine));
  const all = (await as('a.roche', 'GET', '/people/sessions')).json;
  const target = all.find((one) => one.name === 'Camille Roux' && mine.find((own) => own.id === one.id)?.current);
  const live = bench.raw(`GET /api/v1/live?incident=${early.id} HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nCookie: ${people['c.roux'].cookie}\r\nConnection: close\r\n\r\n`);
  status(await as('a.roche', 'DELETE', `/people/sessions/${target.id}`), 204, 'revoke');
  same((await as('c.roux', 'GET', '/session')).status, 401, 'at once');
  status(await as('a.roche', 'POST', `/incidents/${early.id}/journal`, { text: 'Une nouvelle' }), 201, 'news');
  expect(!(await live).includes('event: journal'), 'the stream told news to who was signed out');
  same((await as('c.roux', 'DELETE', `/sessions/${target.id}`)).status, 401, 'and stays out');
});

await test('a disabled account is out at once and says nothing', async () => {
  status(await as('a.roche', 'POST', '/people/s.petit/disable', {}), 200, 'disable');
  same((await as('s.petit', 'GET', '/session')).status, 401, 'out');
  same((await signIn('s.petit')).json?.error?.code, 'refused', 'like a stranger');
  same((await as('a.roche', 'POST', '/people/a.roche/disable', {})).status, 409, 'the last administrator stays');
});

await test('the terminal manages people, with the workbench and without', async () => {
  const listed = JSON.parse(digue('people', 'list').stdout);
  same(listed.map((one) => one.login), ['a.roche', 'c.roux', 'd.morel', 's.petit', 'temp'], 'people list');
  expect(!JSON.stringify(listed).includes('argon2'), 'no hash is told');
  same(digue('people', 'role', early.reference, 'd.morel', '--roles', 'dpo').status, 0, 'people role');
  same((await as('d.morel', 'GET', `/incidents/${early.id}/breaches`)).status, 200, 'the role works');
  same(JSON.parse(digue('people', 'revoke-all', 'd.morel').stdout), { ended: 1 }, 'people revoke-all');
  same((await as('d.morel', 'GET', '/session')).status, 401, 'revoked');
  const log = digue('people', 'log-export').stdout.trim().split('\n').map((line) => JSON.parse(line));
  same(log.map((one) => one.seq), log.map((_, i) => i + 1), 'the log is whole');
  for (const kind of ['sign_in', 'sign_in_failed', 'denied', 'roles', 'session_ended', 'disabled', 'proof', 'proof_failed', 'set_up']) {
    expect(log.some((one) => one.kind === kind), `no ${kind} in the security log`);
  }
  expect(!JSON.stringify(log).includes(PASSWORD), 'a password in the log');
  await bench.kill('SIGTERM');
  const invited = JSON.parse(digue('people', 'invite', '--login', 'n.leroy', '--name', 'Noa Leroy').stdout);
  expect(/#\/setup\?token=[0-9a-f]{64}$/.test(invited.link), invited.link);
  const reset = JSON.parse(digue('people', 'reset', 's.petit', '--password').stdout || '{}');
  expect(!reset.link, 'a disabled account is not reset');
});

await test('beyond the machine: only with TLS and accounts', async () => {
  const tries = [
    [['--bind', '192.0.2.1'], data, /TLS/],
    [['--bind', '0.0.0.0', '--tls-cert', 'c.pem'], data, /TLS/],
    [['--bind', '192.0.2.1', '--tls-cert', 'c.pem', '--tls-key', 'k.pem'], join(root, 'empty'), /comptes/],
  ];
  for (const [more, where, words] of tries) {
    const done = spawnSync(program, ['serve', '--data', where, '--port', '0', ...more], { encoding: 'utf8' });
    same(done.status, 2, more.join(' '));
    expect(words.test(done.stderr), done.stderr);
  }
  const done = spawnSync(program, ['serve', '--data', data, '--port', '0', '--tls-cert', join(root, 'absent.pem'), '--tls-key', join(root, 'absent.pem')], { encoding: 'utf8' });
  expect(done.status === 4 && done.stderr.includes('absent.pem'), `${done.status} ${done.stderr}`);
});

const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=digue.example',
  '-addext', 'subjectAltName=DNS:digue.example,IP:127.0.0.1', '-keyout', join(root, 'key.pem'), '-out', join(root, 'cert.pem')], { encoding: 'utf8' });
if (made.status !== 0) {
  skip('TLS: no openssl on this machine');
} else {
  const secure = await Workbench.start(data, ['--tls-cert', join(root, 'cert.pem'), '--tls-key', join(root, 'key.pem'), '--host', 'digue.example']);
  const { readFileSync } = await import('node:fs');
  const ca = readFileSync(join(root, 'cert.pem'));
  const ask = (method, path, { body, headers = {}, ...tls } = {}) => new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port: secure.port, method, path, ca, ...tls,
      headers: { Host: `127.0.0.1:${secure.port}`, 'X-Digue-Request': '1', 'Content-Type': 'application/json', ...headers } }, (answer) => {
      const parts = [];
      const protocol = answer.socket.getProtocol();
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString(), protocol }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
  await test('TLS: the page, the cookie and the headers of a secure place', async () => {
    const page = await ask('GET', '/');
    same([page.status, page.protocol, page.headers['strict-transport-security']], [200, 'TLSv1.3', 'max-age=31536000'], 'page');
    const entered = await ask('POST', '/api/v1/session', { body: JSON.stringify({ login: 'a.roche', password: PASSWORD, code: await people['a.roche'].phone.code() }) });
    same(entered.status, 200, entered.text);
    const [cookie] = entered.headers['set-cookie'];
    expect(cookie.startsWith(`__Host-digue-${secure.port}=`) && cookie.endsWith('; HttpOnly; SameSite=Strict; Path=/; Secure'), cookie);
    const session = await ask('GET', '/api/v1/session', { headers: { Cookie: cookie.split(';')[0], Host: `digue.example:${secure.port}` }, servername: 'digue.example' });
    same([session.status, JSON.parse(session.text).name], [200, 'Alix Roche'], 'session');
    same((await ask('GET', '/', { headers: { Host: `elsewhere.example:${secure.port}` }, servername: 'digue.example' })).status, 421, 'another host');
    const body = JSON.stringify({ title: 'x', description: 'y'.repeat(10000) });
    same((await ask('POST', '/api/v1/incidents', { body, headers: { Cookie: cookie.split(';')[0], Connection: 'close' } })).status, 201, 'a body through TLS');
    same((await ask('POST', '/api/v1/incidents', { body: 'x'.repeat(2 << 20), headers: { Cookie: cookie.split(';')[0] } })).status, 413, 'an answer that ends the connection arrives');
  });
  await test('TLS: 1.2 at least, and nothing in the clear', async () => {
    same((await ask('GET', '/', { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2', 'TLS 1.2');
    let refused = false;
    await ask('GET', '/', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }).catch(() => (refused = true));
    expect(refused, 'TLS 1.1 was accepted');
    const plain = await secure.raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${secure.port}\r\n\r\n`).catch(() => '');
    expect(!plain.includes('HTTP/1.1 200'), 'an answer in the clear');
  });
  await secure.kill('SIGTERM');
}

close();
