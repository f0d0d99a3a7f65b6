import { call, downloadBase } from './api';
import type { CustodyEvent, Job } from './types';

/** How an exhibit was acquired; an empty text is what nobody stated. */
export interface Acquisition {
  who: string;
  at: string;
  source: string;
  authority: string;
  method: string;
  tool: string;
  tool_version: string;
  query: string;
  note: string;
  missing: string[];
}

export interface AcquisitionVersion extends Acquisition {
  recorded: string;
  by: string;
  reason: string;
}

export interface Disk {
  encrypted: 'yes' | 'no' | 'unknown';
  how: string;
  waiver: { at: string; by: string; reason: string } | null;
}

export interface Package {
  id: string;
  name: string;
  sealed: string | null;
  recipient: string;
  purpose: string;
  tlp: string;
  created: string;
  by: string;
  bytes: number;
  sha256: string;
  kept: boolean;
}

export interface ExhibitText {
  path: string;
  offset: number;
  text: string;
  truncated: boolean;
}

/** For whom a file is sealed, as a form holds it and as the server takes it. */
export interface Seal {
  way: 'passphrase' | 'key' | 'none';
  passphrase: string;
  key: string;
}
export const noSeal = (): Seal => ({ way: 'passphrase', passphrase: '', key: '' });
export const sealFor = (seal: Seal) => ({
  passphrase: seal.way === 'passphrase' ? seal.passphrase : '',
  public_key: seal.way === 'key' ? seal.key.trim() : '',
});

/** What a batch of files is sent with: the parameters of an upload. */
export type Arrival = Record<string, string>;

export const METHODS = ['upload', 'export', 'image', 'copy', 'mail'] as const;

const id = encodeURIComponent;

export const evidenceApi = {
  acquisition: (i: string, x: string) => call<AcquisitionVersion[]>('GET', `/incidents/${id(i)}/exhibits/${id(x)}/acquisition`),
  correct: (i: string, x: string, value: Record<string, string>) =>
    call<AcquisitionVersion[]>('POST', `/incidents/${id(i)}/exhibits/${id(x)}/acquisition`, value),
  custody: (i: string, x: string) => call<CustodyEvent[]>('GET', `/incidents/${id(i)}/custody?exhibit=${id(x)}`),
  handOver: (i: string, x: string, value: { what: string; recipient: string; how: string; purpose: string }) =>
    call<CustodyEvent>('POST', `/incidents/${id(i)}/exhibits/${id(x)}/custody`, value),
  reason: (i: string, x: string, purpose: string) =>
    call<{ until: string }>('POST', `/incidents/${id(i)}/exhibits/${id(x)}/reading`, { purpose }),
  text: (i: string, x: string, part: 'headers' | 'whole', offset: number) =>
    call<ExhibitText>('GET', `/incidents/${id(i)}/exhibits/${id(x)}/text?part=${part}&offset=${offset}`),
  verify: (i: string, exhibits: string[]) => call<Job>('POST', `/incidents/${id(i)}/verifications`, { exhibits }),
  packages: (i: string) => call<Package[]>('GET', `/incidents/${id(i)}/packages`),
  pack: (i: string, value: { recipient: string; purpose: string; tlp: string; format: string; exhibits: string[]; passphrase: string; public_key: string }) =>
    call<Job>('POST', `/incidents/${id(i)}/packages`, value),
  removePackage: (i: string, p: string) => call<void>('DELETE', `/incidents/${id(i)}/packages/${id(p)}`),
  packageUrl: (i: string, p: string) => `${downloadBase}/incidents/${id(i)}/packages/${id(p)}/file`,
  disk: () => call<Disk>('GET', '/disk'),
  waive: (reason: string) => call<Disk>('POST', '/disk/waiver', { reason }),
};
