// Containment on a real mail system: a phished password, sign-ins from abroad, a planted redirect, shared folders, fraudulent mail. Digue
// collects, tells the story, proposes; operations are planned, approved, sealed, applied, verified and undone on Dovecot and Postfix.
//
//   node tests/integration/contain_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { attackedMail, attacker, outside, password, people, sieve, victim } from './attack.mjs';
import { MailServers } from './mail_servers.mjs';
import { operationsOf } from './operations.mjs';
import { Workbench, close, expect, program, root, same, skip, test } from './workbench.mjs';

if (MailServers.skipped) {
  skip(`containment on a real mail system: ${MailServers.skipped}`);
  await close();
}

const { mail, stolen } = await attackedMail();

// The servers write local times without a zone.
const start = () => Workbench.start(join(root, 'contain'), ['--zone', Intl.DateTimeFormat().resolvedOptions().timeZone]);
let bench = await start();
await bench.signIn();
const incident = await bench.newIncident();
const at = `/incidents/${incident.id}`;
await bench.call('POST', `${at}/accounts`, { account: victim, reason: 'signalée' });

await test('platforms are set up, secrets apart; a test says what would be automatic', async () => {
  await bench.call('PUT', '/connectors/imap', { kind: 'dovecot', settings: { ...mail.settings('dovecot'), api_key: 'test-api-key' } }, 422);
  await bench.call('PUT', '/connectors/imap', { kind: 'dovecot', settings: mail.settings('dovecot'), secrets: { api_key: 'test-api-key' } });
  await bench.call('PUT', '/connectors/smtp', { kind: 'postfix', settings: mail.settings('postfix') });
  await bench.call('PUT', '/connectors/x', { kind: 'exchange', settings: {} }, 422);
  const all = await bench.call('GET', '/connectors');
  same(all.map((one) => [one.name, one.secrets]), [['imap', ['api_key']], ['smtp', []]], 'platforms');
  for (const name of ['imap', 'smtp']) {
    const ready = await bench.call('POST', `/connectors/${name}/test`, {});
    same(ready.length, 22, 'actions');
    const block = ready.find((one) => one.action === '1.a');
    same([block.way, block.capabilities.map((one) => [one.capability, one.way])], ['automatic', [['account.block', 'automatic']]], `${name}: ${JSON.stringify(block)}`);
    same(ready.find((one) => one.action === '4.b').way, 'guided', 'awareness stays with people');
  }
});

const tasks = await bench.call('GET', `${at}/tasks`);
const taskOf = (action) => tasks.find((one) => one.action === action && one.target === victim).id;
const { order, plan, approve, until, carry, analyse } = operationsOf(() => bench, at, { account: victim });

await test('evidence is collected without a manual export, and tells the story', async () => {
  await bench.upload(incident.id, 'dovecot.log', mail.log('dovecot.log'));
  const pieces = await bench.call('POST', `${at}/collections`, order('smtp', 'logs.export', { parameters: { since: new Date(Date.now() - 3_600_000).toISOString() } }), 201);
  expect(pieces.length >= 1, 'pieces');
  const scripts = await bench.call('POST', `${at}/collections`, order('imap', 'rule.list'), 201);
  expect(scripts.some((one) => one.name.includes('a')), JSON.stringify(scripts));
  const story = await analyse();
  same(story.accounts.find((one) => one.account === victim)?.verdict, 'compromised', JSON.stringify(story));
});

const told = Date.now();
await test('the story proposes, with its evidence and the platforms that can', async () => {
  const all = await bench.call('GET', `${at}/proposals`);
  const block = all.find((one) => one.capability === 'account.block' && one.account === victim);
  same(block.platforms, ['imap', 'smtp'], 'block');
  expect(block.evidence.length > 0 && block.task, JSON.stringify(block));
  const rule = all.find((one) => one.capability === 'rule.disable');
  expect(rule && rule.platforms.includes('imap') && rule.evidence.length > 0, 'rule');
});

let block;
let secret;
await test('a dry run and a plan change nothing', async () => {
  const before = readFileSync(mail.file('users/passwd'));
  const tried = await bench.call('POST', `${at}/operations/dry-run`, order('imap', 'account.block'));
  expect(tried.steps.length > 2, 'steps');
  block = await plan('imap', 'account.block', { task: taskOf('1.a') });
  expect(block.plan.care.length + block.plan.mail.length > 0, 'effects are said');
  same(readFileSync(mail.file('users/passwd')), before, 'password file');
  expect((await stolen.imap('NOOP')).includes('a OK'), 'the attacker is still in');
  same(await mail.pop3(victim, password, attacker), true, 'POP3 lets the attacker in');
  expect(!JSON.stringify(block).includes(password), 'no password in the plan');
});

await test('the account is blocked: sessions end, every protocol refuses, mail still arrives', async () => {
  await approve(block);
  const done = await until(block.id, ['verified']);
  expect(done.exhibit && done.accepted && done.proven, 'sealed, accepted, proven');
  const doors = done.probes.map((one) => one.what);
  for (const door of ['imap', 'pop3', 'managesieve', 'submission']) expect(doors.some((one) => one.startsWith(door)), `${door} in ${doors}`);
  await carry('smtp', 'account.block');
  expect(!(await stolen.imap('NOOP')).includes('a OK'), 'the session of the attacker');
  same(await mail.signIn(victim, password, attacker), null, 'IMAP');
  same(await mail.pop3(victim, password, attacker), false, 'POP3');
  same(await mail.sieve(victim, password, attacker), null, 'ManageSieve');
  expect((await mail.submit(victim, password, attacker, victim, ['paul@chu.test'], 'x')) >= 500, 'submission');
  const before = mail.messages(victim);
  same(await mail.receive('labo@partner.example', victim, 'Résultat 2', 'result2@partner.example'), 250, 'delivery');
  for (let i = 0; i < 300 && mail.messages(victim) === before; i += 1) await sleep(100);
  same(mail.messages(victim), before + 1, 'mail arrives');
});

await test('password, sessions, rule and share are dealt with and proven', async () => {
  const reset = await carry('imap', 'password.reset');
  same(await mail.signIn(victim, password, '192.0.2.12'), null, 'the old password');
  secret = (await bench.call('POST', `${at}/operations/${reset.id}/password`, {})).password;
  same(await mail.signIn(victim, secret, '192.0.2.12'), null, 'still blocked');
  await bench.call('POST', `${at}/operations/${reset.id}/password`, {}, 404);
  await carry('imap', 'session.revoke');
  await carry('imap', 'rule.disable');
  const before = mail.messages(victim);
  await mail.receive('labo@partner.example', victim, 'Résultat 3', 'result3@partner.example');
  for (let i = 0; i < 300 && mail.messages(victim) === before; i += 1) await sleep(100);
  same(mail.messages(victim), before + 1, 'mail arrives');
  expect(!mail.log('dovecot.log').split('result3@')[1].includes('collecte@evil'), 'nothing is redirected any more');
  await carry('imap', 'delegation.remove', { parameters: { identifier: 'user=paul@chu.test' } });
  console.log(`     from the story to the last verified P0 operation: ${((Date.now() - told) / 1000).toFixed(1)} s`);
});

await test('queued fraud is held, a sender is blocked until a date, and both are undone', async () => {
  const queue = () => spawnSync('postqueue', ['-c', mail.file('postfix'), '-j'], { encoding: 'utf8' }).stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const fraud = () => queue().filter((one) => one.sender === victim);
  same(fraud().filter((one) => one.queue_name !== 'hold').length, outside, 'waiting');
  const hold = await carry('smtp', 'queue.hold', { parameters: { sender: victim } });
  same(fraud().filter((one) => one.queue_name === 'hold').length, outside, 'held');
  await bench.call('POST', `${at}/operations`, order('smtp', 'sender.block', { account: '', parameters: { sender: 'faux-support@evil.example' } }), 422);
  const sender = await carry('smtp', 'sender.block', { account: '', parameters: { sender: 'faux-support@evil.example' }, until: new Date(Date.now() + 7 * 86_400_000).toISOString() });
  expect(sender.dues.some((one) => one.what === 'lift'), 'lifted by itself later');
  expect((await mail.receive('faux-support@evil.example', victim, 'encore', 'again@evil.example')) >= 500, 'refused at the door');
  for (const one of [hold, sender]) {
    const undo = await bench.call('POST', `${at}/operations/${one.id}/undo`, { reason: 'essai' }, 201);
    await approve(undo);
    await until(undo.id, ['verified']);
    same((await bench.call('GET', `${at}/operations/${one.id}`)).state, 'undone', 'state');
  }
  same(fraud().filter((one) => one.queue_name === 'hold').length, 0, 'released');
  same(await mail.receive('faux-support@evil.example', victim, 'encore', 'again2@evil.example'), 250, 'accepted again');
});

await test('undo restores the script byte for byte; unblocking leaves the new password', async () => {
  const all = await bench.call('GET', `${at}/operations`);
  const find = (platform, capability) => all.find((one) => one.platform === platform && one.plan.capability === capability && !one.undoes);
  for (const one of [find('imap', 'rule.disable'), find('smtp', 'account.block'), find('imap', 'account.block')]) {
    const undo = await bench.call('POST', `${at}/operations/${one.id}/undo`, { reason: 'doute levé' }, 201);
    if (one.task) expect(undo.plan.notes.some((note) => note.fr.includes('1.c')), 'what the card wants first is said');
    await approve(undo);
    await until(undo.id, ['verified']);
  }
  same(mail.doveadm('sieve', 'get', '-u', victim, 'a').stdout, `sieve script:\n${sieve}`, 'script');
  same(await mail.signIn(victim, password, attacker), null, 'the stolen password');
  const owner = await mail.signIn(victim, secret, '192.0.2.12');
  expect(owner, 'the new password');
  owner.close();
});

await test('killed at any moment, an operation ends as it would have, and nothing is done twice', async () => {
  const before = readFileSync(mail.file('users/passwd'), 'utf8');
  const paul = { account: 'paul@chu.test' };
  for (let i = 0; i < 8; i += 1) {
    const one = await plan('imap', 'account.block', paul);
    await approve(one);
    await sleep(i * 150);
    await bench.kill('SIGKILL');
    bench = await start();
    await bench.signIn();
    const done = await until(one.id, ['verified']);
    expect(done.runs.every((run) => run.state === 'done'), JSON.stringify(done.runs));
    same(await mail.signIn('paul@chu.test', people['paul@chu.test'], '192.0.2.9'), null, 'blocked');
    const undo = await bench.call('POST', `${at}/operations/${one.id}/undo`, { reason: 'essai' }, 201);
    await approve(undo);
    await until(undo.id, ['verified']);
    same(readFileSync(mail.file('users/passwd'), 'utf8'), before, 'password file');
  }
});

await test('two at once, a state that changed, a server that is away: said, and nothing half done', async () => {
  const one = await plan('imap', 'account.block', { account: 'direction@chu.test' });
  await bench.call('POST', `${at}/operations/${(await plan('imap', 'password.reset', { account: 'direction@chu.test' })).id}/approval`, {}, 409);
  const passwd = mail.file('users/passwd');
  const changed = readFileSync(passwd, 'utf8').replace('{PLAIN}Direction-2026', '{PLAIN}Direction-2027');
  writeFileSync(passwd, changed);
  await approve(one);
  for (let i = 0; i < 100 && (await bench.call('GET', `${at}/operations/${one.id}`)).state !== 'failed'; i += 1) await sleep(100);
  const failed = await bench.call('GET', `${at}/operations/${one.id}`);
  same(failed.state, 'failed', 'stale');
  same(readFileSync(passwd, 'utf8'), changed, 'password file');
  await bench.call('POST', `${at}/operations`, order('imap', 'account.block', { account: 'nobody@chu.test' }), 404);
  await bench.call('PUT', '/connectors/away', { kind: 'dovecot', settings: { ...mail.settings('dovecot'), url: `http://127.0.0.1:${mail.ports.closed}/doveadm/v1` }, secrets: { api_key: 'x' } });
  const away = await bench.request('POST', `/api/v1${at}/operations`, { body: JSON.stringify(order('away', 'account.block')), headers: { 'Content-Type': 'application/json' } });
  same([away.status, away.json.error.code], [502, 'platform'], away.text);
});

await test('our own trials are told as ours in the next story', async () => {
  await bench.upload(incident.id, 'dovecot-2.log', mail.log('dovecot.log'));
  const story = await analyse();
  const { events: rows } = await bench.call('GET', `${at}/events?account=${encodeURIComponent(victim)}&actor=responder&limit=500`);
  expect(rows.length >= 6 && rows.every((row) => row.activity === 'own_probe' && row.ip === '127.0.0.1'), JSON.stringify(rows));
  expect(rows.some((row) => row.outcome === 'success') && rows.some((row) => row.outcome === 'failure'), 'accepted before the block, refused after');
  const told = story.accounts.find((one) => one.account === victim);
  same(told?.verdict, 'compromised', JSON.stringify(told));
  same(story.sessions.filter((one) => one.account === victim && one.ips.includes('127.0.0.1')), [], 'nobody else came from here');
});

await test('the terminal does the same; the main courante and the package verify', async () => {
  const cli = (...words) => spawnSync(program, [...words, '--data', join(root, 'contain'), '--json'], { encoding: 'utf8' });
  const list = cli('operation', 'list', incident.id);
  same(list.status, 0, list.stderr);
  expect(JSON.parse(list.stdout).length > 20, 'operations');
  const verify = cli('journal', 'verify', incident.id);
  same(verify.status, 0, verify.stdout + verify.stderr);
  const lines = (await bench.journal(incident.id)).map((one) => one.about);
  for (const about of ['operation.planned', 'operation.approved', 'operation.sealed', 'operation.step', 'operation.verified', 'operation.undone', 'operation.failed'])
    expect(lines.includes(about), about);
  expect(!JSON.stringify(await bench.journal(incident.id)).includes(secret), 'no password in the main courante');
});

await mail.stop();
await close();
