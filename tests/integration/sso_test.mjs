// Containment at a single sign-on: a real LemonLDAP::NG portal. An intruder signs in with a stolen password and registers a telephone of their
// own; sessions are listed, ended and seen to be refused, the telephone is found by its date and removed, and the owner gets in again.
//
//   node tests/integration/sso_test.mjs build/release/digue
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { operationsOf } from './operations.mjs';
import { SsoServer } from './sso_server.mjs';
import { Workbench, close, expect, root, same, skip, test } from './workbench.mjs';

if (SsoServer.skipped) {
  skip(`containment at a single sign-on: ${SsoServer.skipped}`);
  await close();
}

const sso = await SsoServer.start(['camille', 'marie']);
const bench = await Workbench.start(join(root, 'sso'));
await bench.signIn();
const incident = await bench.newIncident();
const at = `/incidents/${incident.id}`;
const { order, plan, approve, until, carry } = operationsOf(() => bench, at, { account: 'camille@chu.test' });
const digest = (id) => createHash('sha256').update(id).digest('hex');
const collected = async (capability) => {
  const [piece] = await bench.call('POST', `${at}/collections`, order('sso', capability), 201);
  return (await bench.call('GET', `${at}/exhibits/${piece.id}/text`)).text;
};

await test('the portal is set up and tried; sessions and second factors are automatic', async () => {
  await bench.call('PUT', '/connectors/sso', { kind: 'lemonldap', settings: sso.settings() });
  const ready = await bench.call('POST', '/connectors/sso/test', {});
  for (const action of ['1.b', '1.c']) {
    const all = ready.find((one) => one.action === action).capabilities.filter((one) => /^(session|method)\./.test(one.capability));
    same(all.map((one) => one.way), ['automatic', 'automatic'], action);
  }
});

const intruder = await sso.signIn('camille');
const colleague = await sso.signIn('marie');
let secret;
await test('what the intruder opened and registered is evidence, without what would let anybody in', async () => {
  secret = await sso.enrol(intruder, 'Mon telephone');
  same(await sso.signIn('camille'), null, 'a password alone does not open any more');
  const sessions = await collected('session.list');
  expect(sessions.includes(digest(intruder)) && sessions.includes('127.0.0.1'), sessions);
  expect(!sessions.includes(intruder) && !sessions.includes(digest(colleague)), 'neither the identifier nor a colleague');
  const methods = await collected('method.list');
  expect(methods.includes('"TOTP"') && methods.includes('Mon telephone') && !methods.includes(secret), methods);
});

await test('the sessions of the account end, the portal refuses them, a colleague goes on', async () => {
  same(await sso.who(intruder), 'camille', 'before');
  const done = await carry('sso', 'session.revoke');
  same(await sso.who(intruder), null, 'the intruder');
  same(await sso.who(colleague), 'marie', 'the colleague');
  expect(done.exhibit && done.probes.some((one) => one.what === 'portal' && one.good), JSON.stringify(done.probes));
  same(done.traces, [], 'nobody of ours signed in');
  expect(!JSON.stringify(done).includes(intruder), 'the identifier is nowhere in the operation');
});

await test('the telephone is removed by its type and date; the owner signs in and nothing comes back', async () => {
  const epoch = /"epoch":"?(\d+)/.exec((await collected('method.list')))[1];
  await bench.call('POST', `${at}/operations`, order('sso', 'method.remove', { parameters: { method: 'TOTP', epoch: '1' } }), 404);
  const done = await carry('sso', 'method.remove', { parameters: { method: 'TOTP', epoch } });
  expect(done.plan.notes.length > 0 && done.plan.care.length > 0, 'said before');
  expect(!sso.kept().includes('Mon telephone'), 'nowhere at the portal');
  const owner = await sso.signIn('camille');
  same(await sso.who(owner), 'camille', 'the owner, by the password alone');
  await sso.enrol(owner, 'Telephone de service');
  expect(!sso.kept().includes('Mon telephone'), 'a new registration does not bring it back');
  await bench.call('POST', `${at}/operations/${done.id}/undo`, { reason: 'doute levé' }, 409);
});

await test('what was registered again meanwhile is not removed in its place', async () => {
  const epoch = /"epoch":"?(\d+)/.exec((await collected('method.list')))[1];
  const planned = await plan('sso', 'method.remove', { parameters: { method: 'all' } });
  const other = await plan('sso', 'method.remove', { parameters: { method: 'TOTP', epoch } });
  await approve(other);
  await until(other.id, ['verified']);
  await approve(planned);
  const failed = await until(planned.id, ['failed']);
  expect(failed.error.length > 0, 'said');
});

await test('hostile names are refused or unknown; a portal that is away is told', async () => {
  for (const account of ['$(touch gone)', "camille' or 1=1", '--help', 'nobody'])
    await bench.call('POST', `${at}/operations`, order('sso', 'session.revoke', { account }), 404);
  await bench.call('POST', `${at}/operations`, order('sso', 'session.revoke', { account: 'camille\u202e' }), 422);
  await bench.call('PUT', '/connectors/away', { kind: 'lemonldap', settings: { helper: join(sso.folder, 'gone') } });
  await bench.call('POST', '/connectors/away/test', {}, 502);
  const lines = await bench.journal(incident.id);
  expect(lines.some((one) => one.about === 'operation.verified'), 'the main courante tells it');
  const held = JSON.stringify([lines, await bench.call('GET', `${at}/operations`)]);
  for (const hidden of [intruder, secret]) expect(!held.includes(hidden), 'no secret of the portal is told');
});

await sso.stop();
await close();
