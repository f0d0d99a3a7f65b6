// Setting connectors up ahead of the crisis: a passphrase over the key of their secrets, accounts that the platform names otherwise, a real proxy
// on the way, and approvals at the terminal, which take the account of a person once there are accounts.
//
//   node tests/integration/connectors_test.mjs build/release/digue
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { DirectoryServer } from './directory_server.mjs';
import { MailServers } from './mail_servers.mjs';
import { operationsOf } from './operations.mjs';
import { freePort } from './ports.mjs';
import { Phone } from './totp.mjs';
import { Workbench, close, expect, program, root, same, skip, test } from './workbench.mjs';

if (DirectoryServer.skipped) {
  skip(`connectors set up ahead: ${DirectoryServer.skipped}`);
  await close();
}

const victim = 'camille.martin@chu.test';
const directory = await DirectoryServer.start({ [victim]: 'Printemps2026', 'paul@chu.test': 'Automne2026', 'direction@chu.test': 'd-pw' });
const data = join(root, 'connectors');
const secret = (name, text) => {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
};
const PHRASE = 'une longue phrase';
const phrase = secret('phrase', `${PHRASE}\n`);
const wrong = secret('wrong', 'une autre phrase\n');
const none = secret('none', '');
const digue = (...words) => spawnSync(program, [...words, '--data', data, '--json'], { encoding: 'utf8' });
const told = (done) => JSON.parse(done.stdout);

let bench = await Workbench.start(data);
await bench.signIn();
const incident = await bench.newIncident();
const at = `/incidents/${incident.id}`;
await bench.call('POST', `${at}/accounts`, { account: victim, reason: 'signalée' });
const { order, plan, until, carry, undo, analyse } = operationsOf(() => bench, at, { account: victim });
/** Sets one up, or changes it as it is now. */
const put = async (name, body, wanted = 200) => {
  const present = (await bench.call('GET', '/connectors')).find((one) => one.name === name);
  return bench.call('PUT', `/connectors/${name}`, { ...body, based_on: present?.changed ?? null }, wanted);
};
const setUp = (settings, wanted = 200) =>
  put('annuaire', { kind: 'openldap', settings: { ...directory.settings(), ...settings }, secrets: { password: 'digue-secret' } }, wanted);
await setUp({});

await test('a connector is changed by who saw what it is; the terminal keeps the settings that are not given', async () => {
  const body = { kind: 'openldap', settings: directory.settings() };
  const [first] = await bench.call('GET', '/connectors');
  expect((await bench.call('PUT', '/connectors/annuaire', body, 409)).error.message.includes('annuaire'), 'a name that is taken');
  const other = await bench.call('PUT', '/connectors/annuaire', { kind: 'postfix', settings: {}, based_on: first.changed }, 422);
  same(other.error.where, 'kind', 'made another');
  const second = await put('annuaire', { ...body, settings: { ...body.settings, emergency_accounts: ['direction@chu.test'] } });
  const late = await bench.call('PUT', '/connectors/annuaire', { ...body, based_on: first.changed }, 409);
  same([late.error.where, late.current.settings.emergency_accounts], ['based_on', ['direction@chu.test']], 'a colleague was faster');
  const set = digue('connector', 'set', 'annuaire', '--kind', 'openldap', '--secrets', secret('secrets', '{"password":"digue-secret"}'));
  same([set.status, told(set).settings], [0, second.settings], set.stderr);
  const broken = digue('connector', 'set', 'annuaire', '--kind', 'openldap', '--settings', secret('broken', '{"url":'));
  expect(broken.status === 2 && broken.stderr.includes('(settings: '), `which text is broken is told: ${broken.stderr}`);
  await bench.call('DELETE', '/connectors/annuaire', undefined, 204);
  await bench.call('PUT', '/connectors/annuaire', { ...body, based_on: told(set).changed }, 404);
  await setUp({});
});

await test('a passphrase wraps the key; locked, reading works and what needs a secret says what to do', async () => {
  same(await bench.call('GET', '/connectors/key'), { locked: false, passphrase: false }, 'before');
  const short = digue('connector', 'passphrase', '--current-file', none, '--passphrase-file', secret('short', 'courte'));
  same(short.status, 2, short.stderr);
  const bare = readFileSync(join(data, 'platforms.key'));
  same(told(digue('connector', 'passphrase', '--current-file', none, '--passphrase-file', phrase)), { locked: false, passphrase: true }, 'set');
  const kept = readFileSync(join(data, 'platforms.key'));
  expect(kept.toString().startsWith('digue-wrapped-key-1 ') && !kept.includes(bare) && !kept.includes(bare.toString('hex')), 'the file');
  await bench.call('POST', '/connectors/annuaire/test', {});

  same(told(digue('connector', 'lock')), { locked: true, passphrase: true }, 'locked');
  same((await bench.call('GET', '/connectors')).length, 1, 'the list');
  const refused = await bench.call('POST', `${at}/operations`, order('annuaire', 'account.block'), 423);
  same(refused.error.code, 'locked', 'code');
  expect(refused.error.help.includes('digue connector unlock'), refused.error.help);
  await bench.call('POST', '/connectors/annuaire/test', {}, 423);
  await setUp({}, 423);
});

await test('a wrong passphrase is refused in constant words, slowed down and told; the right one comes from a descriptor or the terminal', async () => {
  const said = new Set();
  for (let i = 0; i < 5; i += 1) {
    const done = digue('connector', 'unlock', '--passphrase-file', wrong);
    same(done.status, 4, 'wrong');
    said.add(done.stderr);
  }
  same(said.size, 1, [...said].join());
  // A slow machine takes as long for a try as the first waits last: they double.
  let waits;
  for (let i = 0; i < 8 && waits?.status !== 429; i += 1) waits = await bench.request('POST', '/api/v1/connectors/key/unlocking', { body: JSON.stringify({ passphrase: 'une autre phrase' }) });
  same([waits.status, waits.json.error.code], [429, 'wait'], 'slowed down');
  await sleep(Number(waits.headers['retry-after']) * 1000 + 100);
  const piped = spawnSync('bash', ['-c', `exec "$0" connector unlock --data "$1" --json --passphrase-file /dev/fd/3 3< <(cat "$2")`, program, data, phrase], { encoding: 'utf8' });
  same(piped.stdout.trim(), '{"locked":false,"passphrase":true}', piped.stderr);
  digue('connector', 'lock');
  const nobody = spawnSync(program, ['connector', 'unlock', '--data', data], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  same(nobody.status, 2, 'without a terminal nothing is asked');
  const typed = spawn('script', ['-qec', `"${program}" connector unlock --data "${data}" --json`, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  typed.stdout.on('data', (part) => {
    if (!shown.includes('Phrase secrète') && `${shown}${part}`.includes('Phrase secrète')) setTimeout(() => typed.stdin.write(`${PHRASE}\n`), 500);
    shown += part;
  });
  await new Promise((done) => { typed.once('close', done); });
  expect(shown.includes('"locked":false') && !shown.includes(PHRASE), shown);
  const log = (await bench.call('GET', '/security-log?limit=200')).events;
  const kinds = log.map((one) => one.kind);
  for (const kind of ['connectors_passphrase_set', 'connectors_locked', 'connectors_unlock_failed', 'connectors_unlocked']) expect(kinds.includes(kind), `${kind} in ${kinds}`);
  expect(!JSON.stringify(log).includes('phrase '), 'no passphrase in the log');
});

await test('an operation that a stop left waits for the passphrase, and goes on by itself', async () => {
  const planned = await plan('annuaire', 'account.block');
  await bench.call('POST', '/connectors/key/locking', {});
  const approved = digue('operation', 'approve', incident.id, planned.id, '--author', 'Noa Petit', ...(planned.needs_two ? ['--break-glass', '--reason', 'seule de garde'] : []));
  same(approved.status, 0, approved.stderr);
  await bench.kill('SIGKILL');
  bench = await Workbench.start(data);
  await bench.signIn();
  expect(bench.output.includes('verrouillés'), bench.output);
  const lines = async () => (await bench.journal(incident.id)).filter((one) => one.about === 'operation.locked');
  for (let i = 0; i < 100 && (await lines()).length === 0; i += 1) await sleep(100);
  same((await lines()).length > 0, true, 'told as waiting');
  same((await bench.call('GET', `${at}/operations/${planned.id}`)).state, 'approved', 'not failed');
  same(directory.signIn(victim, 'Printemps2026'), 'in', 'nothing was done');
  same(digue('connector', 'unlock', '--passphrase-file', phrase).status, 0, 'unlock');
  await until(planned.id, ['verified']);
  same(directory.signIn(victim, 'Printemps2026'), 'locked', 'done');
  // Before accounts exist a name given at the terminal is one that nobody proved, and the journal says so.
  const line = (await bench.journal(incident.id)).find((one) => one.about === 'operation.approved');
  expect(line.author === 'Noa Petit' && line.text.includes('sans preuve'), line.text);
  await undo(planned);
});

await test('the passphrase is changed and taken away without setting secrets anew', async () => {
  const other = secret('other', 'encore une phrase\n');
  same(digue('connector', 'passphrase', '--current-file', wrong, '--passphrase-file', other).status, 4, 'wrong present one');
  same(digue('connector', 'passphrase', '--current-file', phrase, '--passphrase-file', other).status, 0, 'changed');
  same(told(digue('connector', 'passphrase-remove', '--current-file', other)), { locked: false, passphrase: false }, 'removed');
  same(readFileSync(join(data, 'platforms.key')).length, 32, 'bare');
  await bench.call('POST', '/connectors/annuaire/test', {});
});

await test('an account is asked for by the name that the platform knows; what is ambiguous is said', async () => {
  const alias = 'c.martin@ght.test';
  const wanted = order('annuaire', 'account.block', { account: alias });
  await bench.call('POST', `${at}/operations/dry-run`, wanted, 404);
  await setUp({ account_names: [`${alias}=camille.martin`, `${alias}=paul`] }, 422);
  await setUp({ account_form: 'without_domain', account_names: [`${alias}=camille.martin`], emergency_accounts: ['direction@chu.test'] });
  // The victim's address without its domain is the same name, which nobody said to be the same person.
  const two = await bench.call('POST', `${at}/operations/dry-run`, wanted, 409);
  expect(two.error.message.includes(victim) && two.error.message.includes(alias), two.error.message);
  await setUp({ account_form: 'without_domain', account_names: [`${alias}=camille.martin`, `${victim}=camille.martin`], emergency_accounts: ['direction@chu.test'] });
  const tried = await bench.call('POST', `${at}/operations/dry-run`, wanted);
  expect(tried.notes.some((note) => note.fr.includes(alias) && note.fr.includes('camille.martin')), JSON.stringify(tried.notes));
  await bench.call('POST', `${at}/operations/dry-run`, { ...wanted, account: 'direction@chu.test' }, 403);
  const wave = await bench.call('POST', `${at}/operations/waves`,
    { platform: 'annuaire', capability: 'account.block', reason: 'plusieurs comptes', accounts: [alias, victim, 'paul@chu.test'] }, 201);
  same([wave.planned.map((one) => one.plan.account.split(',')[0]), wave.refused.map((one) => one.account)], [['uid=camille.martin', 'uid=paul'], [victim]], 'one account by two names is one');
  for (const one of wave.planned) await bench.call('POST', `${at}/operations/${one.id}/cancellation`, {});
  const mixed = digue('operation', 'wave', incident.id, '--platform', 'annuaire', '--capability', 'account.block', '--reason', 'plusieurs', '--accounts', 'paul@chu.test', '--accounts', 'personne@chu.test');
  same([mixed.status, told(mixed).planned.length, told(mixed).refused.length], [1, 1, 1], 'what was not taken decides the exit code');
  await bench.call('POST', `${at}/operations/${told(mixed).planned[0].id}/cancellation`, {});
  await undo(await carry('annuaire', 'account.block', { account: alias }));
});

await test('one person under several names is one account of the story', async () => {
  const line = (minute, text) => `2026-03-09T02:${String(minute).padStart(2, '0')}:00.000000+01:00 mx1 dovecot: imap-login: ${text}, lip=192.0.2.200, TLS, session=<s${minute}>\n`;
  const guesses = 15;
  let log = '';
  for (let n = 0; n < guesses; n += 1)
    log += line(n, 'Disconnected: Connection closed (auth failed, 3 attempts in 17 secs): user=<pdurand>, method=PLAIN, rip=198.51.100.7');
  log += line(guesses, 'Login: user=<paul@chu.test>, method=PLAIN, rip=198.51.100.7, mpid=1');
  await bench.upload(incident.id, 'mail.log', log);
  const tell = async (settings) => {
    await setUp(settings);
    const { accounts, inputs } = await analyse();
    const verdict = accounts.find((one) => one.account === 'paul@chu.test')?.verdict;
    const { events } = await bench.call('GET', `${at}/events?account=${encodeURIComponent('paul@chu.test')}&limit=500`);
    return [['compromised', 'suspected'].includes(verdict), events.length, inputs[0].notes.some((note) => note.includes('pdurand = paul@chu.test'))];
  };
  const [, apart, named] = await tell({});
  expect(apart <= 1 && !named, `nobody said so: ${apart}`);
  same(await tell({ account_names: ['Paul@chu.test=PDurand'] }), [true, guesses + 1, true], 'said in the settings of a connector');
  await setUp({});
});

const why = MailServers.skipped || (existsSync('/usr/bin/tinyproxy') ? '' : 'tinyproxy is not installed');
if (why) skip(`a proxy between Digue and the mail server: ${why}`);
else await test('requests go through the proxy, to the key that is expected behind it and no other; a proxy that is away is named', async () => {
  const mail = await MailServers.start({ 'marie@chu.test': 'Printemps2026' });
  // The administration interface as a hospital offers it to another network: behind TLS.
  const [key, cert] = ['key', 'cert'].map((name) => join(root, `front-${name}.pem`));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const settings = mail.settings('dovecot');
  const behind = new URL(settings.url);
  const front = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (from, to) => {
    from.pipe(http.request({ host: behind.hostname, port: behind.port, method: from.method, path: from.url, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    }));
  });
  await new Promise((done) => { front.listen(0, '127.0.0.1', done); });
  const { port } = front.address();
  const [proxyPort, log, file] = [await freePort(), join(root, 'tinyproxy.log'), join(root, 'tinyproxy.conf')];
  writeFileSync(file, `Port ${proxyPort}\nListen 127.0.0.1\nTimeout 20\nLogFile "${log}"\nLogLevel Connect\nMaxClients 10\nAllow 127.0.0.1\nConnectPort ${port}\n`);
  const proxy = spawn('/usr/bin/tinyproxy', ['-d', '-c', file], { stdio: 'ignore' });
  const pin = (bytes) => `sha256//${createHash('sha256').update(bytes).digest('base64')}`;
  const good = pin(new X509Certificate(readFileSync(cert)).publicKey.export({ type: 'spki', format: 'der' }));
  const through = (more) => put('imap',
    { kind: 'dovecot', settings: { ...settings, url: `https://127.0.0.1:${port}${behind.pathname}`, ca_file: cert, pin: good, proxy: `http://127.0.0.1:${proxyPort}`, ...more }, secrets: { api_key: 'test-api-key' } });
  try {
    for (let i = 0; i < 100 && !existsSync(log); i += 1) await sleep(50);
    await through({});
    expect((await bench.call('POST', '/connectors/imap/test', {})).some((one) => one.way === 'automatic'), 'through the proxy');
    expect(new RegExp(`CONNECT 127\\.0\\.0\\.1:${port} `).test(readFileSync(log, 'utf8')), readFileSync(log, 'utf8'));
    await through({ pin: pin('another key') });
    const other = await bench.call('POST', '/connectors/imap/test', {}, 502);
    expect(other.error.message.includes('TLS'), other.error.message);
    const elsewhere = await freePort();
    await through({ url: `https://127.0.0.1:${elsewhere}${behind.pathname}` });
    const closed = await bench.call('POST', '/connectors/imap/test', {}, 502);
    expect(closed.error.message.includes(`mandataire http://127.0.0.1:${proxyPort}`) && closed.error.message.includes('403'), closed.error.message);
    proxy.kill('SIGTERM');
    await new Promise((done) => { proxy.once('exit', done); });
    await through({});
    const away = await bench.call('POST', '/connectors/imap/test', {}, 502);
    expect(away.error.message.includes(`mandataire http://127.0.0.1:${proxyPort}`), away.error.message);
    await bench.call('DELETE', '/connectors/imap', undefined, 204);
  } finally {
    proxy.kill('SIGKILL');
    front.close();
    await mail.stop();
  }
});

await test('once accounts exist an approval at the terminal takes the password and code of its author', async () => {
  const word = 'kz7-fwqb-lupin';
  const invited = await bench.call('POST', '/people', { login: 'a.roche', name: 'Alix Roche' }, 201);
  const token = new URLSearchParams(invited.link.split('?')[1]).get('token');
  const offer = await bench.call('POST', '/set-up', { token });
  const phone = new Phone(offer.secret);
  await bench.call('PUT', '/set-up', { token, password: word, code: await phone.code() });
  const planned = told(digue('operation', 'plan', incident.id, '--platform', 'annuaire', '--capability', 'account.block', '--account', 'paul@chu.test', '--reason', 'suspect', '--author', 'b.diop'));
  const approve = (...more) => digue('operation', 'approve', incident.id, planned.id, ...more);
  const password = secret('password', `${word}\n`);
  const unproven = approve('--author', 'a.roche');
  same(unproven.status, 4, unproven.stderr);
  expect(unproven.stderr.includes('demande votre compte'), unproven.stderr);
  same(approve('--author', 'noa.petit', '--password-file', password, '--code-file', secret('code', '000000')).status, 4, 'nobody');
  same(approve('--author', 'a.roche', '--password-file', password, '--code-file', secret('code', '000000')).status, 4, 'a wrong code');
  same(told(digue('operation', 'show', incident.id, planned.id)).state, 'planned', 'nothing was approved');
  const done = approve('--author', 'a.roche', '--password-file', password, '--code-file', secret('code', await phone.code()));
  same(done.status, 0, done.stderr);
  same(told(done).approval.by, 'Alix Roche', 'by whom');
  const line = told(digue('journal', 'list', incident.id, '--limit', '500')).entries.filter((one) => one.about === 'operation.approved').at(-1);
  expect(line.author === 'Alix Roche' && !line.text.includes('sans preuve'), line.text);
});

await bench.kill('SIGTERM');
await directory.stop();
await close();
