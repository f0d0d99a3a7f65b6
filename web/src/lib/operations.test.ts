import assert from 'node:assert/strict';
import { contained, type Operation, type Proposal } from './operations';
import type { Task } from './types';

const operation = (platform: string, capability: string, account: string, more: object = {}) =>
  ({ id: `${platform}/${capability}`, platform, account, state: 'verified', undoes: '', undone_by: '', plan: { capability, parameters: {} }, ...more }) as unknown as Operation;
const proposal = (capability: string, account: string, platforms: string[], more: object = {}) =>
  ({ capability, account, platforms, parameters: {}, reads: false, task: capability, ...more }) as unknown as Proposal;
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
