import { call, downloadBase, id, query } from './api';
import type { Entry } from './types';

/** How the main courante is protected against being written again (docs/journal-format.md). */
export interface Copy {
  size: number;
  code: string;
  how: string;
  detail: string;
  at: string;
  by: string;
}
export interface Protection {
  size: number;
  signed: { size: number; at: string; code: string; note: string } | null;
  copies: Copy[];
  keys: string[];
}
export interface Audit {
  good: boolean;
  lines: number;
  destroyed: number;
  checkpoints: number;
  signed_to: number;
  clock_steps: number;
  code: string;
  code_size: number | null;
  problem_count: number;
  problems: { first: number; last: number; id: string; message: string }[];
}
/** The main courante of another machine: a log of its own, never mixed with ours. */
export interface OtherLog extends Audit {
  incident: string;
  origin: string;
  machine: string;
  exhibit: string;
  sha256: string;
  taken_in: string;
  by: string;
  altered: boolean;
  entries: Entry[];
}
export interface ImportRow {
  line: number;
  event_time: string | null;
  kind: string;
  reporter: string | null;
  text: string;
  problem: string | null;
}
export interface ImportResult {
  kept: boolean;
  accepted: number;
  refused: number;
  unknown_columns: string[];
  rows: ImportRow[];
}

const base = (i: string) => `/incidents/${id(i)}/journal`;

export const protectionApi = {
  read: (i: string) => call<Protection>('GET', `${base(i)}/protection`),
  keep: (i: string, size: number, how: string, detail: string) => call<Protection>('POST', `${base(i)}/copies`, { size, how, detail }),
  verify: (i: string, code: string) => call<Audit>('GET', `${base(i)}/verify${query({ code })}`),
  importLines: (i: string, value: { csv: string; zone: string; reporter: string; source: string; keep: boolean }) =>
    call<ImportResult>('POST', `${base(i)}/import`, value),
  logs: (i: string) => call<OtherLog[]>('GET', `${base(i)}/logs`),
  join: (i: string, file: File, machine: string, code: string) => call<OtherLog>('POST', `${base(i)}/logs${query({ machine, code })}`, file),
  stampRequestUrl: (i: string) => `${downloadBase}${base(i)}/timestamp-request`,
  stamp: (i: string, size: number, response: string, authorities: string) =>
    call<Protection>('POST', `${base(i)}/timestamps`, { size, response, authorities }),
  exportUrl: (i: string) => `${downloadBase}${base(i)}.ndjson`,
  paperUrl: (i: string, format: 'html' | 'pdf' | 'csv', shown: { q: string; kind: string }) => `${downloadBase}${base(i)}.${format}${query(shown)}`,
  sheetUrl: (i: string) => `${downloadBase}${base(i)}-sheet.html`,
  proofUrl: (i: string, seq: number) => `${downloadBase}${base(i)}/${seq}/proof`,
};
