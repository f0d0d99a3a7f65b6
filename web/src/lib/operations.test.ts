import assert from 'node:assert/strict';
import { contained, pending, taskFor, type Operation, type Proposal } from './operations';
import type { Task } from './types';

const operation = (platform: string, capability: string, account: string, more: object = {}) =>
  ({ id: `${platform}/${capability}`, platform, account, state: 'verified', undoes: '', undone_by: '', plan: { capability, parameters: {} }, ...more }) as unknown as Operation;
const proposal = (capability: string, account: string, platforms: string[], more: object = {}) =>
  ({ capability, account, platforms, parameters: {}, missing: [], reads: false, task: capability, ...more }) as unknown as Proposal;
const open = (found: ReturnType<typeof contained>) => found.open.map((one) => [one.capability, one.rest]);

export function whatIsProvenIsClosedAndTheRestStaysOpen() {
  const found = contained('a@x', [operation('imap', 'account.block', 'a@x'), operation('imap', 'account.block', 'b@x')],
    [proposal('account.block', 'a@x', ['imap', 'smtp']), proposal('session.list', 'a@x', ['imap'], { reads: true }), proposal('password.reset', 'b@x', ['imap'])], []);
  assert.deepEqual(found.holds.map((one) => one.account), ['a@x']);
  assert.deepEqual(open(found), [['account.block', ['smtp']]]);
  assert.deepEqual(open(contained('a@x', [operation('imap', 'account.block', 'a@x')], [proposal('account.block', 'a@x', ['imap'])], [])), []);
}

export function whatIsUnprovenFailedOrTakenBackClosesNothing() {
  for (const more of [{ state: 'applied' }, { state: 'failed' }, { state: 'undone' }, { undone_by: 'x' }, { undoes: 'x' }])
    assert.deepEqual(open(contained('a@x', [operation('imap', 'account.block', 'a@x', more)], [proposal('account.block', 'a@x', ['imap'])], [])), [['account.block', ['imap']]]);
}

export function whereNoPlatformIsSetUpTheTaskTells() {
  const task = (state: string) => [{ id: 'account.block', state } as unknown as Task];
  assert.deepEqual(open(contained('a@x', [], [proposal('account.block', 'a@x', [])], task('waiting'))), [['account.block', []]]);
  assert.deepEqual(open(contained('a@x', [], [proposal('account.block', 'a@x', [])], task('done'))), []);
}

export function blockedSendersAreToldApartByTheirName() {
  const block = operation('smtp', 'sender.block', '', { plan: { capability: 'sender.block', parameters: { sender: 'x@evil' } } });
  const wanted = (sender: string) => proposal('sender.block', '', ['smtp'], { parameters: { sender } });
  assert.deepEqual(open(contained('', [block], [wanted('x@evil'), wanted('y@evil')], [])).length, 1);
}

export function oneOfSeveralThingsThatAPersonNamesClosesNone() {
  const removed = operation('imap', 'delegation.remove', 'a@x', { plan: { capability: 'delegation.remove', parameters: { identifier: 'user=b' } } });
  const wanted = proposal('delegation.remove', 'a@x', ['imap'], { missing: ['identifier'] });
  assert.deepEqual(open(contained('a@x', [removed], [wanted], [])), [['delegation.remove', ['imap']]]);
  assert.deepEqual(open(contained('a@x', [removed], [wanted], [{ id: 'delegation.remove', state: 'done' } as unknown as Task])), []);
}

export function oneRuleOfSeveralClosesNoProposalForAll() {
  const narrow = operation('ad', 'privilege.remove', 'a@x', { plan: { capability: 'privilege.remove', parameters: { group: 'backup' } } });
  const wanted = proposal('privilege.remove', 'a@x', ['ad']);
  assert.deepEqual(open(contained('a@x', [narrow], [wanted], [])), [['privilege.remove', ['ad']]]);
  assert.deepEqual(open(contained('a@x', [narrow], [{ ...wanted, platforms: [] }], [])), [['privilege.remove', []]]);
  // The platform's own name of the account in a parameter is no narrowing.
  const hold = operation('smtp', 'queue.hold', 'a@x', { plan: { capability: 'queue.hold', parameters: { sasl_username: 'a' } } });
  assert.deepEqual(open(contained('a@x', [hold], [proposal('queue.hold', 'a@x', ['smtp'], { parameters: { sasl_username: 'a@x' } })], [])), []);
}

export function whatIsProvenStaysClosedWhileConnectorsAreLocked() {
  const found = contained('a@x', [operation('imap', 'account.block', 'a@x')], [proposal('account.block', 'a@x', []), proposal('password.reset', 'a@x', [])], []);
  assert.deepEqual(open(found), [['password.reset', []]]);
}

export function whatWaitsForAnApprovalIsToldFirstThenTheWorst() {
  const named = (id: string, state: string, more: object = {}) => operation('imap', 'account.block', 'a@x', { id, state, ...more });
  const told = (all: Operation[]) => pending(all).map((one) => one.id);
  assert.deepEqual(told([named('1', 'planned'), named('2', 'verified'), named('3', 'applied'), named('4', 'failed'), named('5', 'cancelled')]), ['1', '4', '3']);
  // Another one is checked again in its place.
  assert.deepEqual(told([named('1', 'applied', { superseded_by: '2' })]), []);
  // Tried again since, given up again since, or another order.
  assert.deepEqual(told([named('1', 'failed'), named('2', 'verified')]), []);
  assert.deepEqual(told([named('1', 'failed'), named('2', 'cancelled')]), ['1']);
  assert.deepEqual(told([named('1', 'failed'), named('2', 'verified', { platform: 'smtp' })]), ['1']);
  // An undo that failed is not taken up again by the order itself.
  assert.deepEqual(told([named('1', 'failed', { undoes: '0' }), named('2', 'verified')]), ['1']);
}

export function anOrderServesTheTaskOfItsAccountOrOfNobody() {
  const tasks = [{ id: '1', target: 'a@x' }, { id: '2', target: null }] as Task[];
  assert.equal(taskFor('a@x', tasks), '1');
  assert.equal(taskFor('b@x', tasks), '2');
  assert.equal(taskFor('', tasks), '2');
  // The only task is somebody else's.
  assert.equal(taskFor('b@x', tasks.slice(0, 1)), '');
}
