/** Declaring: duties, calls, establishments and contacts, as docs/api.md tells them. */
import { call, downloadBase } from './api';
import { language } from './i18n.svelte';
import type { Localized } from './types';

export type DutyState = 'inactive' | 'not_applicable' | 'undecided' | 'waiting' | 'running' | 'late' | 'done';

export interface Reachable {
  id: string;
  name: string;
  phone: string;
  mail: string;
  site: string;
  hours: string;
  local: boolean;
  to_verify: boolean;
}

export interface Source {
  text: string;
  dated: string;
  checked: string;
}

export interface Duty {
  id: string;
  contact: string;
  title: Localized;
  summary: Localized;
  who: Localized;
  why: Localized;
  how: Localized[];
  asks: { text: Localized; unsure: boolean }[];
  sources: Source[];
  uncertain: Localized[];
  active: boolean;
  inactive_because: Localized | null;
  clock: { kind: string; count: number; from: string; of: string; soft: boolean; note: Localized | null };
  state: DutyState;
  verdict: 'required' | 'in_doubt' | 'undecided' | 'no';
  reasons: Localized[];
  start: string | null;
  deadline: string | null;
  filed_late: boolean;
  filing: {
    applies: boolean | null;
    overrule_reason: string;
    overruled_by: string;
    overruled: string | null;
    filed: string | null;
    receipt: string;
    filed_by: string;
    late_reason: string;
    recorded: string | null;
  };
  recipients: Reachable[];
}

export const INSTANTS = ['suspicion', 'awareness', 'knowledge_of_attack', 'decision', 'closing'] as const;

export interface Instant {
  establishment: string;
  name: string;
  at: string;
  reason: string;
  recorded: string;
  by: string;
}

export interface Entity {
  establishment: string;
  name: string;
  zone: string;
  instants: Record<string, string>;
  duties: Duty[];
}

export interface Duties {
  now: string;
  chosen: string[];
  history: Instant[];
  entities: Entity[];
}

export interface Calls {
  now: string;
  office_zone: string;
  entities: {
    establishment: string;
    name: string;
    zone: string;
    office_hours: boolean;
    local_hours: boolean;
    holiday: Localized | null;
    local_holiday: Localized | null;
    calls: { id: string; say: Localized; ways: { contact: string; by: string; reached: Reachable[] }[] }[];
  }[];
}

export interface Service {
  id: string;
  kind: string;
  region: string;
  name: Localized;
  what: Localized;
  phone: string;
  mail: string;
  site: string;
  hours: Localized | null;
  condition: Localized | null;
  always: boolean;
  to_verify: boolean;
  sources: Source[];
}

export interface LocalContact {
  id: string;
  replaces: string;
  establishment: string;
  role: string;
  name: string;
  organisation: string;
  phone: string;
  mail: string;
  site: string;
  hours: string;
  note: string;
  changed: string | null;
  by: string | null;
}

export interface Directory {
  people: LocalContact[];
  roles: string[];
  calendars: { id: string; name: Localized; uncertain: Localized | null }[];
}

export interface Person {
  name: string;
  role: string;
  phone: string;
  mail: string;
}

export interface Establishment {
  id: string;
  name: string;
  address: string;
  finess: string;
  siren: string;
  kind: string;
  sector: string;
  statuses: string[];
  region: string;
  dpo: Person;
  director: Person;
  security: Person;
  insurer: string;
  policy: string;
  insurer_phone: string;
  insurer_hours: number | null;
  mail_operator: string;
  mssante_operator: string;
  mssante_phone: string;
  own_domains: string[];
  own_ranges: string[];
  zone: string;
  calendar: string;
  changed: string | null;
  by: string | null;
}

export const BREACH_FIELDS = [
  'nature', 'facts', 'data', 'records', 'categories', 'persons', 'consequences', 'measures', 'risk', 'not_notified', 'informed', 'remarks',
] as const;

export interface Breach {
  establishment: string;
  name: string;
  texts: Record<string, string>;
  awareness: string | null;
  notified: string | null;
  receipt: string;
  changed: string | null;
  by: string | null;
}

const id = encodeURIComponent;
const at = (incident: string) => `/incidents/${id(incident)}`;

export const dutiesApi = {
  duties: (i: string) => call<Duties>('GET', `${at(i)}/duties`),
  choose: (i: string, establishments: string[]) => call<Duties>('PUT', `${at(i)}/establishments`, { establishments }),
  instant: (i: string, value: { establishment: string; name: string; at: string; reason: string }) =>
    call<Duties>('POST', `${at(i)}/instants`, value),
  file: (i: string, duty: string, value: { establishment: string; filed: string | null; receipt: string; reason: string }) =>
    call<Duties>('POST', `${at(i)}/duties/${id(duty)}/filing`, value),
  overrule: (i: string, duty: string, value: { establishment: string; applies: boolean | null; reason: string }) =>
    call<Duties>('POST', `${at(i)}/duties/${id(duty)}/overrule`, value),
  draft: (i: string, duty: string, establishment: string) =>
    call<{ subject: string; body: string }>('GET', `${at(i)}/duties/${id(duty)}/draft?lang=${language()}&establishment=${id(establishment)}`),
  breaches: (i: string) => call<Breach[]>('GET', `${at(i)}/breaches`),
  writeBreach: (i: string, establishment: string, texts: Record<string, string>, basedOn: string | null) =>
    call<Breach[]>('PUT', `${at(i)}/breaches`, { establishment, ...texts, based_on: basedOn }),
  breachesUrl: (i: string) => `${downloadBase}${at(i)}/breaches.csv?lang=${language()}`,
  calls: (i: string) => call<Calls>('GET', `/calls?incident=${id(i)}`),
  services: () => call<Service[]>('GET', '/services'),
  directory: () => call<Directory>('GET', '/contacts'),
  saveContact: (contact: LocalContact, basedOn: string | null) =>
    contact.id ? call<LocalContact>('PUT', `/contacts/${id(contact.id)}`, { ...contact, based_on: basedOn }) : call<LocalContact>('POST', '/contacts', contact),
  removeContact: (contact: string) => call<void>('DELETE', `/contacts/${id(contact)}`),
  establishments: () => call<Establishment[]>('GET', '/establishments'),
  saveEstablishment: (one: Establishment, basedOn: string | null) =>
    one.id ? call<Establishment>('PUT', `/establishments/${id(one.id)}`, { ...one, based_on: basedOn }) : call<Establishment>('POST', '/establishments', one),
};

/** Open duties, the most pressing first: late, then by deadline, then those without one. */
export function pressing(duties: Duties | undefined): { entity: Entity; duty: Duty }[] {
  const rank = (duty: Duty) => ['late', 'running', 'waiting'].indexOf(duty.state);
  return (duties?.entities ?? [])
    .flatMap((entity) => entity.duties.filter((duty) => rank(duty) >= 0).map((duty) => ({ entity, duty })))
    .sort((a, b) => rank(a.duty) - rank(b.duty) || (a.duty.deadline ?? '9').localeCompare(b.duty.deadline ?? '9'));
}

/** A number as a tel: address; French numbers in international form, short numbers as they are. */
export function telephone(number: string): string {
  const digits = number.replace(/[^\d+]/g, '');
  return `tel:${/^0\d{9}$/.test(digits) ? `+33${digits.slice(1)}` : digits}`;
}
