import { call } from './api';
import type { Localized } from './types';

export type KeepingState = 'open' | 'kept' | 'due' | 'held' | 'destroyed';

export interface Period {
  months: number;
  why: Localized;
  sources: { text: string; dated: string; checked: string }[];
  uncertain: Localized[];
}

export interface Hold {
  id: string;
  reason: string;
  set: string;
  by: string;
  lifted: string | null;
  lifted_by: string;
  lift_reason: string;
}

/** One line of the list of what is kept, and until when. */
export interface Kept {
  incident: string;
  reference: string;
  state: KeepingState;
  type: string | null;
  closed: string | null;
  until: string | null;
  held: number;
  destroyed: string | null;
}

export interface Retention extends Kept {
  proposed: string;
  period: Period | null;
  history: { closed: boolean; type: string | null; at: string; by: string; reason: string }[];
  holds: Hold[];
  destruction: { at: string; by: string; reason: string; lines: number; exhibits: number } | null;
  types: { id: string; title: Localized; about: Localized; period: Period }[];
}

const id = encodeURIComponent;
const of = (i: string) => `/incidents/${id(i)}`;

export const retentionApi = {
  list: () => call<Kept[]>('GET', '/retention'),
  show: (i: string) => call<Retention>('GET', `${of(i)}/retention`),
  close: (i: string, type: string, reason: string) => call<Retention>('POST', `${of(i)}/closing`, { type, reason }),
  reopen: (i: string, reason: string) => call<Retention>('POST', `${of(i)}/reopening`, { reason }),
  hold: (i: string, reason: string) => call<Retention>('POST', `${of(i)}/holds`, { reason }),
  lift: (i: string, hold: string, reason: string) => call<Retention>('POST', `${of(i)}/holds/${id(hold)}/lifting`, { reason }),
  destroy: (i: string, reference: string, reason: string) => call<Retention>('POST', `${of(i)}/destruction`, { reference, reason }),
};

/** How loud a state is told. */
export const TONE: Record<KeepingState, string> = { open: '', kept: 'ok', due: 'warn', held: 'accent', destroyed: '' };
