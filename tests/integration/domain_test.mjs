// Containment in Active Directory, on a real Samba: a phished account is blocked, reset and taken out of the administrators, the account that the
// attacker planted is disabled; killed between any two steps, and undone.
//
//   node tests/integration/domain_test.mjs build/release/digue
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { DomainServer } from './domain_server.mjs';
import { operationsOf } from './operations.mjs';
import { Workbench, close, expect, program, root, same, skip, test } from './workbench.mjs';

if (DomainServer.skipped) {
  skip(`containment in Active Directory: ${DomainServer.skipped}`);
  await close();
}

const domain = await DomainServer.start();
const stolen = 'Printemps-2026';
domain.user('marie', stolen);
domain.user('paul', 'Automne-2026');
// With an administrator's session the attacker plants an account among the administrators, and adds the phished one.
domain.user('support2', 'Planted-2026');
const admins = 'CN=Domain Admins,CN=Users,DC=chu,DC=test';
domain.change(`dn: ${admins}\nchangetype: modify\nadd: member\nmember: ${domain.dn('support2')}\nmember: ${domain.dn('marie')}\n`);

const start = () => Workbench.start(join(root, 'domain'));
let bench = await start();
await bench.signIn();
const incident = await bench.newIncident();
const at = `/incidents/${incident.id}`;
await bench.call('POST', `${at}/accounts`, { account: 'marie@chu.test', reason: 'signalée' });

const { order, plan, approve, until, carry, undo, again } = operationsOf(() => bench, at, { account: 'marie@chu.test' });

await test('the domain is set up and tried; its account and an emergency account are never touched', async () => {
  await bench.call('PUT', '/connectors/annuaire', { kind: 'active_directory', settings: { ...domain.settings(), emergency_accounts: ['paul@chu.test'] }, secrets: { password: 'Adm1n-Passw0rd!' } });
  const ready = await bench.call('POST', '/connectors/annuaire/test', {});
  for (const action of ['1.a', '1.b', '2.c', '3.a']) same(ready.find((one) => one.action === action).way, 'automatic', action);
  for (const account of ['Administrator', 'paul']) await bench.call('POST', `${at}/operations`, order('annuaire', 'account.block', { account }), 403);
});

await test('who was created, who administrates and what the rules are becomes evidence', async () => {
  for (const [capability, account] of [['account.list', ''], ['policy.read', ''], ['privilege.list', 'support2']]) {
    const pieces = await bench.call('POST', `${at}/collections`, order('annuaire', capability, { account }), 201);
    expect(pieces.length > 0, capability);
  }
});

const before = domain.state();
const told = Date.now();
const done = [];
await test('the phished account and the planted one are closed, the administrators’ group is left', async () => {
  done.push(await carry('annuaire', 'account.block'));
  same(domain.signIn('marie', stolen), '533', 'blocked');
  done.push(await carry('annuaire', 'account.disable', { account: 'support2@chu.test' }));
  same(domain.signIn('support2', 'Planted-2026'), '533', 'planted');
  for (const account of ['marie@chu.test', 'support2']) done.push(await carry('annuaire', 'privilege.remove', { account }));
  const members = domain.state().split('\n\n').find((entry) => entry.includes(`dn: ${admins}`));
  expect(!members.includes('CN=marie') && !members.includes('CN=support2') && members.includes('CN=Administrator'), members);
  console.log(`     closed and proven: ${((Date.now() - told) / 1000).toFixed(1)} s`);
});

await test('undone in turn, the directory is as it was', async () => {
  for (const one of done.toReversed()) await undo(one);
  same(domain.state(), before, 'directory');
  same(domain.signIn('marie', stolen), 'in', 'as before');
});

let drawn = '';
await test('killed at any moment, a block and a reset end as they would have', async () => {
  for (let i = 0; i < 6; i += 1) {
    const one = await plan('annuaire', 'account.block');
    await approve(one);
    await sleep(i * 40);
    await bench.kill('SIGKILL');
    bench = await start();
    await bench.signIn();
    const ended = await until(one.id, ['verified']);
    expect(ended.runs.every((run) => run.state === 'done'), JSON.stringify(ended.runs));
    same(domain.signIn('marie', stolen), '533', 'blocked');
    await undo(ended);
    same(domain.state(), before, 'directory');
  }
  const reset = await plan('annuaire', 'password.reset');
  await approve(reset);
  await sleep(80);
  await bench.kill('SIGKILL');
  bench = await start();
  await bench.signIn();
  await until(reset.id, ['verified']);
  const { password: fresh } = await bench.call('POST', `${at}/operations/${reset.id}/password`, {});
  same([domain.signIn('marie', stolen), domain.signIn('marie', fresh)], ['52e', '773'], 'the stolen password, the one that is told');
  // The password was shown and is forgotten: a later look does without it.
  await again(reset.id);
  drawn = fresh;
});

await test('the main courante verifies and holds no password', async () => {
  const verify = spawnSync(program, ['journal', 'verify', incident.id, '--data', join(root, 'domain'), '--json'], { encoding: 'utf8' });
  same(verify.status, 0, verify.stdout + verify.stderr);
  const lines = JSON.stringify(await bench.journal(incident.id));
  for (const secret of [stolen, 'Adm1n-Passw0rd!', drawn]) expect(secret !== '' && !lines.includes(secret), secret);
});

await domain.stop();
await close();
