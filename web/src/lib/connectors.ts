/** Platforms that Digue may act on, as docs/api.md tells them. */
import { call, id } from './api';
import type { Localized } from './types';

export interface Setting {
  name: string;
  type: 'text' | 'number' | 'flag' | 'list' | 'choice';
  needed: boolean;
  choices: string[];
  label: Localized | null;
  hint: Localized | null;
}

export interface Kind {
  kind: string;
  label: Localized;
  about: Localized;
  /** One right a line. */
  rights: Localized;
  settings: Setting[];
  secrets: { name: string; label: Localized | null }[];
}

export type Value = string | number | boolean | string[];

export interface Connector {
  name: string;
  kind: string;
  settings: Record<string, Value>;
  /** The names of those that are stored. */
  secrets: string[];
  changed: string;
  by: string;
}

/** The key of all secrets: whether a passphrase keeps it, and whether it is closed now. */
export interface ConnectorKey {
  passphrase: boolean;
  locked: boolean;
}

export interface Readiness {
  action: string;
  way: 'automatic' | 'guided' | 'impossible';
  capabilities: { capability: string; way: 'automatic' | 'guided' | 'impossible'; why: Localized }[];
}

export const connectorsApi = {
  kinds: () => call<Kind[]>('GET', '/connectors/kinds'),
  list: () => call<Connector[]>('GET', '/connectors'),
  key: () => call<ConnectorKey>('GET', '/connectors/key'),
  unlock: (passphrase: string) => call<ConnectorKey>('POST', '/connectors/key/unlocking', { passphrase }),
  lock: () => call<ConnectorKey>('POST', '/connectors/key/locking', {}),
  setPassphrase: (current: string, passphrase: string) => call<ConnectorKey>('PUT', '/connectors/key/passphrase', { current, passphrase }),
  removePassphrase: (current: string) => call<ConnectorKey>('POST', '/connectors/key/passphrase/removal', { current }),
  /** `basedOn`: the `changed` of the connector that the form shows, null for a new one. */
  save: (name: string, kind: string, settings: Record<string, Value>, secrets: Record<string, string>, basedOn: string | null) =>
    call<Connector>('PUT', `/connectors/${id(name)}`, { kind, settings, secrets, based_on: basedOn }),
  remove: (name: string) => call<void>('DELETE', `/connectors/${id(name)}`),
  test: (name: string) => call<Readiness[]>('POST', `/connectors/${id(name)}/test`, {}),
};

/** Settings that every kind has. */
export const COMMON: Setting[] = [
  { name: 'account_form', type: 'choice', needed: false, choices: ['as_is', 'without_domain'], label: null, hint: null },
  { name: 'account_names', type: 'list', needed: false, choices: [], label: null, hint: null },
  { name: 'emergency_accounts', type: 'list', needed: false, choices: [], label: null, hint: null },
  { name: 'dry_run', type: 'flag', needed: false, choices: [], label: null, hint: null },
];

/** What a form holds, as the server takes it: nothing where nothing was written. */
export function settingsOf(form: Record<string, string | boolean>, settings: Setting[]): Record<string, Value> {
  const out: Record<string, Value> = {};
  for (const { name, type } of settings) {
    const value = form[name];
    if (typeof value === 'boolean') {
      if (value) out[name] = true;
      continue;
    }
    const text = (value ?? '').trim();
    if (text === '') continue;
    if (type === 'number') out[name] = Number(text);
    else if (type === 'list') out[name] = text.split('\n').map((line) => line.trim()).filter(Boolean);
    else if (type === 'flag') out[name] = text === 'yes';
    else out[name] = text;
  }
  return out;
}

/** The other way round. A flag of three states (yes, no, unless said otherwise) is a text. */
export function formOf(values: Record<string, Value>, settings: Setting[]): Record<string, string | boolean> {
  const out: Record<string, string | boolean> = {};
  for (const { name, type } of settings) {
    const value = values[name];
    if (name === 'dry_run') out[name] = value === true;
    else if (type === 'flag') out[name] = value === undefined ? '' : value ? 'yes' : 'no';
    else out[name] = value === undefined ? '' : Array.isArray(value) ? value.join('\n') : String(value);
  }
  return out;
}
