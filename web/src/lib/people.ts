/** Accounts, factors, roles, login sessions and the security log, as docs/api.md tells them. */
import { call, downloadBase, id } from './api';

export const ROLES = ['pilot', 'responder', 'reader', 'dpo', 'direction'] as const;
export type Role = (typeof ROLES)[number];

export interface Account {
  id: string;
  login: string;
  name: string;
  administrator: boolean;
  state: 'invited' | 'active' | 'disabled';
  created: string;
  created_by: string;
  last_sign_in: string | null;
  password: boolean;
  factor: boolean;
  recovery_left: number;
}

export interface SetUpLink extends Account {
  link: string;
  expires: string;
}

export interface SetUp {
  login: string;
  name: string;
  administrator: boolean;
  /** Else the present password is asked. */
  new_password: boolean;
  /** Else a present code is asked. */
  new_factor: boolean;
  secret: string | null;
  uri: string | null;
}

export interface LoginSession {
  id: string;
  person: string | null;
  name: string;
  source: string;
  agent: string;
  started: string;
  last: string;
  current: boolean;
}

export interface Member {
  person: string;
  login: string;
  name: string;
  roles: Role[];
}

export interface Team {
  members: Member[];
  /** Whom a pilot may give a role; empty for others. */
  people: { id: string; login: string; name: string }[];
}

export interface TeamOfIncident {
  id: string;
  reference: string;
  title: string;
  members: Member[];
}

export interface SecurityEvent {
  seq: number;
  at: string;
  kind: string;
  person: string | null;
  name: string | null;
  source: string | null;
  incident: string | null;
  detail: string;
}

interface Codes {
  recovery: string[];
}

const at = (person: string) => `/people/${id(person)}`;

export const peopleApi = {
  access: () => call<{ accounts: boolean }>('GET', '/access'),
  signIn: (login: string, password: string, code: string) => call<object>('POST', '/session', { login, password, code }),
  prove: (value: { password: string } | { code: string }) => call<object>('POST', '/session/proof', value),
  showSetUp: (token: string) => call<SetUp>('POST', '/set-up', { token }),
  setUp: (token: string, password: string, code: string) => call<Partial<Codes>>('PUT', '/set-up', { token, password, code }),
  account: () => call<Account>('GET', '/account'),
  changePassword: (current: string, password: string) => call<object>('PUT', '/account/password', { current, password }),
  offerFactor: () => call<SetUp>('POST', '/account/factor', {}),
  changeFactor: (code: string) => call<Codes>('PUT', '/account/factor', { code }),
  newCodes: () => call<Codes>('POST', '/account/recovery', {}),
  sessions: () => call<LoginSession[]>('GET', '/sessions'),
  endSession: (session: string) => call<void>('DELETE', `/sessions/${id(session)}`),
  endOthers: () => call<void>('DELETE', '/sessions'),
  people: () => call<Account[]>('GET', '/people'),
  invite: (value: { login: string; name: string; administrator: boolean }) => call<SetUpLink>('POST', '/people', value),
  reset: (person: string, password: boolean, factor: boolean) => call<SetUpLink>('POST', `${at(person)}/reset`, { password, factor }),
  disable: (person: string) => call<Account>('POST', `${at(person)}/disable`, {}),
  enable: (person: string) => call<Account>('POST', `${at(person)}/enable`, {}),
  setAdministrator: (person: string, administrator: boolean) => call<Account>('PUT', `${at(person)}/administrator`, { administrator }),
  allSessions: () => call<LoginSession[]>('GET', '/people/sessions'),
  endAnySession: (session: string) => call<void>('DELETE', `/people/sessions/${id(session)}`),
  teams: () => call<TeamOfIncident[]>('GET', '/people/incidents'),
  team: (incident: string) => call<Team>('GET', `/incidents/${id(incident)}/people`),
  setRoles: (incident: string, person: string, roles: Role[]) =>
    call<Team>('PUT', `/incidents/${id(incident)}/people/${id(person)}`, { roles }),
  log: (after: string) => call<{ events: SecurityEvent[]; next: string | null }>('GET', `/security-log?limit=500&after=${id(after)}`),
  logUrl: `${downloadBase}/security-log.ndjson`,
};
