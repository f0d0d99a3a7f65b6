import { call, id } from './api';
import type { Localized, Task } from './types';

export type OperationState = 'planned' | 'approved' | 'sealed' | 'applying' | 'applied' | 'verified' | 'failed' | 'undone' | 'cancelled';

export interface Step {
  verb: string;
  object: string;
  act: 'change' | 'pulse';
  before: string;
  after: string;
  request: string;
  says: Localized;
  undo: string;
}

export interface Plan {
  capability: string;
  account: string;
  parameters: Record<string, string>;
  until: string | null;
  steps: Step[];
  mail: Localized[];
  care: Localized[];
  notes: Localized[];
  rights: string[];
  risks: string[];
  messages: number;
  undo: 'reversible' | 'partly' | 'irreversible';
}

export interface Probe {
  what: string;
  name: Localized;
  expected: string;
  seen: string;
  good: boolean;
  at: string;
  source: string;
  session: string;
}

export interface Operation {
  id: string;
  action: string | null;
  platform: string;
  kind: string;
  account: string;
  task: string;
  state: OperationState;
  plan: Plan;
  reason: string;
  evidence: string[];
  author: string;
  planned: string;
  approval: { by: string; at: string; break_glass: boolean; reason: string } | null;
  exhibit: string;
  runs: { state: 'pending' | 'sent' | 'done' | 'failed'; sent: string | null; ended: string | null; answer: string }[];
  probes: Probe[];
  accepted: string | null;
  proven: string | null;
  error: string;
  undoes: string;
  undone_by: string;
  /** The later operation that is checked in the place of this one; empty: none. */
  superseded_by: string;
  dues: { what: 'recheck' | 'lift'; at: string }[];
  needs_two: boolean;
  /** A temporary password that nobody was shown yet. */
  password_left: boolean;
  /** It failed before anything was sent. */
  closable: boolean;
  /** While it is planned: whether the signed-in person may approve it, by break-glass only, or not; nobody where the platform only simulates. */
  approval_by_you?: 'free' | 'glass' | 'other' | 'dry_run';
}

/** What the last story justifies, with the platforms that can do it. */
export interface Proposal {
  capability: string;
  action: string;
  reads: boolean;
  until: boolean;
  undo: string;
  account: string;
  parameters: Record<string, string>;
  missing: string[];
  platforms: string[];
  evidence: string[];
  task: string;
  why: Localized;
  operation: string;
  state: OperationState | '';
}

/** What a platform that is set up can be asked for. */
export interface Offer {
  platform: string;
  capability: string;
  action: string;
  aim: 'account' | 'sender' | 'domain' | 'url' | 'attachment' | 'messages' | 'queue' | 'tenant';
  reads: boolean;
  until: boolean;
  parameters: { name: string; needed: boolean }[];
}

/** What of a wave was not taken, why, and what to do. */
export interface Refused {
  account?: string;
  operation?: string;
  message: string;
  help?: string;
}

export interface Order {
  platform: string;
  capability: string;
  account: string;
  /** What the platform calls the account, where its settings do not tell. */
  platform_account?: string;
  parameters: Record<string, string>;
  until?: string;
  task: string;
  reason: string;
  evidence: string[];
}

const of = (i: string) => `/incidents/${id(i)}`;
const one = (i: string, operation: string) => `${of(i)}/operations/${id(operation)}`;

export const operationsApi = {
  list: (i: string) => call<Operation[]>('GET', `${of(i)}/operations`),
  proposals: (i: string) => call<Proposal[]>('GET', `${of(i)}/proposals`),
  plan: (i: string, order: Order) => call<Operation>('POST', `${of(i)}/operations`, order),
  collect: (i: string, order: Omit<Order, 'reason' | 'evidence'>) => call<{ id: string; name: string }[]>('POST', `${of(i)}/collections`, order),
  offers: (i: string) => call<Offer[]>('GET', `${of(i)}/offers`),
  wave: (i: string, order: { platform: string; capability: string; accounts: string[]; task: string; reason: string }) =>
    call<{ planned: Operation[]; refused: Refused[] }>('POST', `${of(i)}/operations/waves`, order),
  approveWave: (i: string, operations: string[]) => call<{ approved: Operation[]; refused: Refused[] }>('POST', `${of(i)}/operations/approvals`, { operations }),
  approve: (i: string, operation: string, glass: string) =>
    call<Operation>('POST', `${one(i, operation)}/approval`, { break_glass: glass !== '', reason: glass }),
  /** Gives up what waits; what failed before anything was sent is put aside, with a reason. */
  cancel: (i: string, operation: string, reason: string) => call<Operation>('POST', `${one(i, operation)}/cancellation`, { reason }),
  undo: (i: string, operation: string, reason: string) => call<Operation>('POST', `${one(i, operation)}/undo`, { reason }),
  verify: (i: string, operation: string) => call<Operation>('POST', `${one(i, operation)}/verification`, {}),
  password: (i: string, operation: string) => call<{ password: string }>('POST', `${one(i, operation)}/password`, {}),
};

/** As many accounts as one wave takes. */
export const MOST_IN_WAVE = 50;

/** How loud a state is told. */
export const TONE: Record<OperationState, string> = {
  planned: '', approved: 'accent', sealed: 'accent', applying: 'accent', applied: 'warn', verified: 'ok', failed: 'danger', undone: '', cancelled: '',
};

/** The action that an operation belongs to: its task's, else its capability's. */
export const actionOf = (one: Operation, tasks: Task[]): string | null => tasks.find((task) => one.task !== '' && task.id === one.task)?.action ?? one.action;

const sameOrder = (a: Operation, b: Operation) => a.platform === b.platform && a.account === b.account && a.plan.capability === b.plan.capability
  && JSON.stringify(a.plan.parameters) === JSON.stringify(b.plan.parameters);

/** The task that an order for this account (empty: for none) serves: its own, else the one of nobody. */
export const taskFor = (account: string, tasks: Task[]): string => (tasks.find((one) => one.target === account) ?? tasks.find((one) => !one.target))?.id ?? '';

/** What waits for a person: to be approved, failed and not taken up again, applied and not proven, on its way. */
export function pending(operations: Operation[]): Operation[] {
  const rank: OperationState[] = ['planned', 'failed', 'applied', 'approved', 'sealed', 'applying'];
  return operations
    .filter((one, at) => rank.includes(one.state) && !one.undone_by && !one.superseded_by
      && (one.state !== 'failed' || !operations.slice(at + 1).some((later) => later.state !== 'cancelled' && later.undoes === one.undoes && sameOrder(one, later))))
    .sort((a, b) => rank.indexOf(a.state) - rank.indexOf(b.state));
}

/** Whether an operation did all that a proposal asks: for an account, one that a person narrowed (one rule, one group) did not. */
export const covers = (one: Operation, proposal: Proposal): boolean => one.plan.capability === proposal.capability && one.account === proposal.account && !one.undoes
  && (proposal.account === '' ? JSON.stringify(one.plan.parameters) === JSON.stringify(proposal.parameters) : Object.keys(one.plan.parameters).every((key) => key in proposal.parameters));

/** What an account's operations closed and hold, and what its proposals leave open: on `rest`, or by hand where no platform is set up. */
export function contained(account: string, operations: Operation[], proposals: Proposal[], tasks: Task[]): { holds: Operation[]; open: (Proposal & { rest: string[] })[] } {
  const holds = operations.filter((one) => one.account === account && !one.undoes && !one.undone_by && one.state === 'verified');
  const done = (one: Proposal) => tasks.some((task) => task.id === one.task && (task.state === 'done' || task.state === 'not_applicable'));
  const open = proposals.filter((one) => one.account === account && !one.reads)
    .map((one) => ({ ...one, held: holds.filter((other) => covers(other, one)).map((other) => other.platform) }))
    .map((one) => ({ ...one, rest: one.platforms.filter((platform) => !one.held.includes(platform)) }))
    .filter((one) => one.platforms.length === 0 ? !done(one) && one.held.length === 0 : one.rest.length > 0 && (one.missing.length === 0 || !done(one)));
  return { holds, open };
}
