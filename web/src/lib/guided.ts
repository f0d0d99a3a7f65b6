import { call, id, query } from './api';
import type { Localized } from './types';

export type Purpose = 'seal' | 'look' | 'do' | 'verify' | 'undo';

/** One step of a guided procedure, for one account and address where it names them. */
export interface Block {
  step: number;
  for: Purpose;
  text: Localized;
  shell: string;
  file: string | null;
  see: Localized | null;
  irreversible: boolean;
  account: string | null;
  ip: string | null;
  command: string | null;
  missing: { name: string; label: string }[];
  refused: string | null;
}

export interface Asked {
  name: string;
  label: string;
  value: string | null;
  suggestions: string[];
}

export interface Commands {
  platforms: { id: string; name: string; about: Localized }[];
  chosen: string | null;
  platform: string | null;
  cannot?: Localized | null;
  right?: Localized | null;
  asked?: Asked[];
  connect?: Block[];
  blocks?: Block[];
  left_out?: number;
}

export interface Proof {
  id: string;
  exhibit: string;
  sha256: string;
  bytes: number;
  platform: string;
  command: string;
  note: string;
  at: string;
  by: string;
}

const of = (i: string, task: string) => `/incidents/${id(i)}/tasks/${id(task)}`;

export const guided = {
  commands: (i: string, task: string, platform: string, values: Record<string, string>) =>
    call<Commands>('GET', `${of(i, task)}/commands${query({ ...values, platform })}`),
  choose: (i: string, platform: string) => call<void>('PUT', `/incidents/${id(i)}/platform`, { platform }),
  proofs: (i: string, task: string) => call<Proof[]>('GET', `${of(i, task)}/proofs`),
  prove: (i: string, task: string, value: { platform: string; command: string; answer: string; note: string }) =>
    call<Proof>('POST', `${of(i, task)}/proofs`, value),
};
