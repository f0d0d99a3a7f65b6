// Containment where the passwords are in a directory: real OpenLDAP, Dovecot and Postfix. The phished account is blocked, reset and stripped of a
// group in the directory, what the attacker planted there is disabled, the mail system forgets what it had cached; then all is undone.
//
//   node tests/integration/directory_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { attackedMail, attacker, password, people, victim } from './attack.mjs';
import { DirectoryServer } from './directory_server.mjs';
import { MailServers } from './mail_servers.mjs';
import { operationsOf } from './operations.mjs';
import { Workbench, close, expect, program, root, same, skip, test } from './workbench.mjs';

const why = MailServers.skipped || DirectoryServer.skipped || (spawnSync('test', ['-e', '/usr/lib/dovecot/modules/auth/libauthdb_ldap.so']).status !== 0 ? 'dovecot-ldap is not installed' : '');
if (why) {
  skip(`containment in a directory: ${why}`);
  await close();
}

const directory = await DirectoryServer.start(people);
const { mail, stolen } = await attackedMail({ directory });
// With the stolen session of an administrator the attacker plants an account, and puts the victim among the administrators.
const planted = 'uid=support2,ou=people,dc=chu,dc=test';
const admins = 'cn=admins,ou=groups,dc=chu,dc=test';
directory.change(`dn: ${planted}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: support2\ncn: support2\nsn: support2\nmail: support2@chu.test\nuserPassword: planted-pw\n\n`
  + `dn: ${admins}\nchangetype: modify\nadd: member\nmember: ${planted}\nmember: ${directory.dn(victim)}\n`);

const start = () => Workbench.start(join(root, 'directory'), ['--zone', Intl.DateTimeFormat().resolvedOptions().timeZone]);
let bench = await start();
await bench.signIn();
const incident = await bench.newIncident();
const at = `/incidents/${incident.id}`;
await bench.call('POST', `${at}/accounts`, { account: victim, reason: 'signalée' });

const { order, plan, approve, until, carry, undo, again } = operationsOf(() => bench, at, { account: victim });

await test('a directory is set up by what its kind says it needs; a setting that is misspelt is refused', async () => {
  const kinds = await bench.call('GET', '/connectors/kinds');
  const kind = kinds.find((one) => one.kind === 'openldap');
  expect(kind.rights.fr.includes('pwdAccountLockedTime') && kind.settings.find((one) => one.name === 'url').needed, JSON.stringify(kind));
  for (const name of Object.keys(directory.settings())) expect(kind.settings.some((one) => one.name === name), name);
  const secrets = { password: 'digue-secret' };
  await bench.call('PUT', '/connectors/annuaire', { kind: 'openldap', settings: { ...directory.settings(), admin_group: [] }, secrets }, 422);
  await bench.call('PUT', '/connectors/annuaire', { kind: 'openldap', settings: { ...directory.settings(), emergency_accounts: ['direction@chu.test'] }, secrets });
  await bench.call('PUT', '/connectors/imap', { kind: 'dovecot', settings: mail.settings('dovecot'), secrets: { api_key: 'test-api-key' } });
  const ready = await bench.call('POST', '/connectors/annuaire/test', {});
  for (const action of ['1.a', '1.b', '2.c', '3.a']) same(ready.find((one) => one.action === action).way, 'automatic', action);
  // Where the mail system has no passwords of its own, blocking there is left to people.
  same((await bench.call('POST', '/connectors/imap/test', {})).find((one) => one.action === '1.a').way, 'guided', 'dovecot');
  await bench.call('POST', `${at}/operations`, order('annuaire', 'account.block', { account: 'direction@chu.test' }), 403);
});

await test('what the directory holds is collected: who was created, who administrates, what the rules are', async () => {
  const pieces = [
    ...(await bench.call('POST', `${at}/collections`, order('annuaire', 'account.list', { account: '', parameters: { since: '2026-01-01' } }), 201)),
    ...(await bench.call('POST', `${at}/collections`, order('annuaire', 'policy.read', { account: '' }), 201)),
    ...(await bench.call('POST', `${at}/collections`, order('annuaire', 'privilege.list'), 201)),
  ];
  const names = pieces.map((one) => one.name).join(' ');
  for (const name of ['accounts-created', 'administrators', 'password-policies', 'account.ldif', 'privileges']) expect(names.includes(name), `${name} in ${names}`);
});

const before = directory.state();
const done = [];
await test('blocked in the directory and forgotten by the mail system, no protocol lets the attacker in', async () => {
  const told = Date.now();
  done.push(await carry('annuaire', 'account.block'));
  same(directory.signIn(victim, password), 'locked', 'directory');
  const cached = await mail.signIn(victim, password, attacker);
  expect(cached, 'the mail system remembers the password: without flushing it there, the block is not one');
  await carry('imap', 'session.revoke');
  expect(!(await stolen.imap('NOOP')).includes('a OK'), 'the session of the attacker');
  same(await mail.signIn(victim, password, attacker), null, 'IMAP');
  same(await mail.sieve(victim, password, attacker), null, 'ManageSieve');
  expect((await mail.submit(victim, password, attacker, victim, ['paul@chu.test'], 'x')) >= 500, 'submission');
  const messages = mail.messages(victim);
  same(await mail.receive('labo@partner.example', victim, 'Résultat 2', 'result2@partner.example'), 250, 'delivery');
  for (let i = 0; i < 300 && mail.messages(victim) === messages; i += 1) await sleep(100);
  same(mail.messages(victim), messages + 1, 'mail arrives');
  console.log(`     blocked, forgotten and proven: ${((Date.now() - told) / 1000).toFixed(1)} s`);
});

await test('the planted account is disabled, the group is left, and the undo gives the directory back as it was', async () => {
  done.push(await carry('annuaire', 'account.disable', { account: 'support2@chu.test' }));
  same(directory.tool('ldapwhoami', ['-x', '-D', planted, '-w', 'planted-pw']).status, 49, 'planted');
  done.push(await carry('annuaire', 'privilege.remove'));
  expect(!directory.state().includes(`member: ${directory.dn(victim)}`), 'group');
  for (const one of done.toReversed()) await undo(one);
  same(directory.state(), before, 'directory');
  same(directory.signIn(victim, password), 'in', 'as before');
});

let drawn = '';
await test('a new password holds the attacker out and lets the owner choose another', async () => {
  // Planned together, as they are proposed; carried out in the order that makes each last.
  const block = await plan('annuaire', 'account.block');
  const both = await plan('annuaire', 'password.reset');
  await approve(block);
  await until(block.id, ['verified']);
  await approve(both);
  const reset = await until(both.id, ['verified']);
  const { password: fresh } = await bench.call('POST', `${at}/operations/${reset.id}/password`, {});
  drawn = fresh;
  same(directory.signIn(victim, fresh), 'locked', 'still blocked');
  const all = await bench.call('GET', `${at}/operations`);
  await undo(all.find((one) => one.plan.capability === 'account.block' && one.state === 'verified' && !one.undoes));
  same(directory.signIn(victim, password), 'refused', 'the stolen password');
  same(directory.signIn(victim, fresh), 'change', 'the new one');
});

await test('killed at any moment, an operation ends as it would have', async () => {
  const paul = { account: 'paul@chu.test' };
  for (let i = 0; i < 6; i += 1) {
    const untouched = directory.state();
    const one = await plan('annuaire', 'account.block', paul);
    await approve(one);
    await sleep(i * 40);
    await bench.kill('SIGKILL');
    bench = await start();
    await bench.signIn();
    const ended = await until(one.id, ['verified']);
    expect(ended.runs.every((run) => run.state === 'done'), JSON.stringify(ended.runs));
    same(directory.signIn('paul@chu.test', people['paul@chu.test']), 'locked', 'blocked');
    await undo(ended);
    same(directory.state(), untouched, 'directory');
  }
  const reset = await plan('annuaire', 'password.reset', paul);
  await approve(reset);
  await sleep(60);
  await bench.kill('SIGKILL');
  bench = await start();
  await bench.signIn();
  const ended = await until(reset.id, ['verified']);
  const { password: fresh } = await bench.call('POST', `${at}/operations/${ended.id}/password`, {});
  same(directory.signIn('paul@chu.test', fresh), 'change', 'the password that is told is the one that was set');
});

await test('many accounts are reset in waves: what is not approved waits, over a restart too', async () => {
  const staff = Array.from({ length: 5 }, (_, i) => `agent${i}@chu.test`);
  for (const [i, name] of staff.entries())
    directory.change(`dn: ${directory.dn(name)}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: agent${i}\ncn: agent${i}\nsn: agent${i}\nmail: ${name}\nuserPassword: mot-de-passe-${i}\n`);
  const states = () => staff.map((name, i) => directory.signIn(name, `mot-de-passe-${i}`));
  const wave = await bench.call('POST', `${at}/operations/waves`, { platform: 'annuaire', capability: 'password.reset', reason: 'plusieurs comptes compromis', accounts: [...staff, 'nobody@chu.test', 'direction@chu.test'] }, 201);
  same([wave.planned.length, wave.refused.map((one) => one.account)], [5, ['nobody@chu.test', 'direction@chu.test']], JSON.stringify(wave.refused));
  same(states(), ['in', 'in', 'in', 'in', 'in'], 'nothing is done yet');
  const ids = wave.planned.map((one) => one.id);
  const first = await bench.call('POST', `${at}/operations/approvals`, { operations: [...ids.slice(0, 2), 'nothing'] });
  same([first.approved.length, first.refused.length], [2, 1], 'first wave');
  await bench.kill('SIGKILL');
  bench = await start();
  await bench.signIn();
  for (const id of ids.slice(0, 2)) await until(id, ['verified']);
  same(states(), ['refused', 'refused', 'in', 'in', 'in'], 'after the first wave');
  await bench.call('POST', `${at}/operations/approvals`, { operations: ids.slice(2) });
  for (const id of ids) await until(id, ['verified']);
  // Asked for again by mistake while they wait, nobody is planned twice.
  const [spare, ...more] = (await bench.call('POST', `${at}/operations/waves`, { platform: 'annuaire', capability: 'password.reset', reason: 'x', accounts: ['paul@chu.test', 'paul'] }, 201)).planned;
  same((await bench.call('POST', `${at}/operations/waves`, { platform: 'annuaire', capability: 'password.reset', reason: 'x', accounts: ['paul@chu.test'] }, 201)).planned, [], 'twice');
  same(more, [], 'one account by two of its names');
  await bench.call('POST', `${at}/operations/${spare.id}/cancellation`, {});
  same(states(), Array(5).fill('refused'), 'after the last');
  await bench.call('POST', `${at}/operations/waves`, { platform: 'annuaire', capability: 'password.reset', reason: 'x', accounts: Array(51).fill('a') }, 422);
});

await test('renamed after it was blocked, an account is known all the same', async () => {
  const one = await carry('annuaire', 'account.block', { account: 'agent4@chu.test' });
  directory.change(`dn: ${directory.dn('agent4@chu.test')}\nchangetype: modrdn\nnewrdn: uid=renamed\ndeleteoldrdn: 1\n`);
  await again(one.id);
  await undo(one);
  expect(!directory.state().includes('pwdAccountLockedTime: 000001010000Z'), 'unlocked');
});

await test('a directory that is away is waited for; one that changed meanwhile stops the plan', async () => {
  const mailbox = { account: 'quarantine@chu.test' };
  const one = await plan('annuaire', 'account.block', mailbox);
  await directory.halt();
  await approve(one);
  await sleep(1500);
  same((await bench.call('GET', `${at}/operations/${one.id}`)).state, 'approved', 'waits');
  await directory.run();
  await undo(await until(one.id, ['verified']));
  const stale = await plan('annuaire', 'account.block', mailbox);
  directory.change(`dn: ${directory.dn(mailbox.account)}\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 20260101000000Z\n`);
  await approve(stale);
  for (let i = 0; i < 100 && (await bench.call('GET', `${at}/operations/${stale.id}`)).state !== 'failed'; i += 1) await sleep(100);
  same((await bench.call('GET', `${at}/operations/${stale.id}`)).state, 'failed', 'stale');
});

await test('the terminal says what can be set up; the main courante verifies and holds no password', async () => {
  const cli = (...words) => spawnSync(program, [...words, '--data', join(root, 'directory'), '--json'], { encoding: 'utf8' });
  const kinds = cli('connector', 'kinds');
  same(kinds.status, 0, kinds.stderr);
  expect(JSON.parse(kinds.stdout).some((one) => one.kind === 'active_directory'), kinds.stdout);
  const verify = cli('journal', 'verify', incident.id);
  same(verify.status, 0, verify.stdout + verify.stderr);
  const lines = JSON.stringify(await bench.journal(incident.id));
  for (const secret of [password, drawn, 'digue-secret']) expect(secret !== '' && !lines.includes(secret), 'no password');
});

await mail.stop();
await directory.stop();
await close();
