import { language } from './i18n.svelte';
import type {
  CustodyEvent, Entry, EventRow, Exhibit, Incident, IncidentSummary, Job, Pin, Playbook, Present, Session, SourceRecord, Story, Task, TaskChange,
} from './types';

const BASE = './api/v1';
export const downloadBase = BASE;

/** A failure as the server tells it, or `network` when no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly where: string | null = null,
    readonly help: string | null = null,
    /** What stands in the way of an edit that was based on an older state. */
    readonly current: unknown = null,
  ) {
    super(message);
  }
}

/** Asks the person to prove who they are; true when they did. */
let onStepUp: () => Promise<boolean> = () => Promise.resolve(false);
export function whenStepUp(callback: () => Promise<boolean>): void {
  onStepUp = callback;
}
// A proof of identity changes the cookie: a request that was on its way with the old one is asked again.
let proofs = 0;

/** Called once per answer that says the login session is over. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}
export const signedOut = (): void => onSignedOut();

function failure(status: number, body: string): ApiError {
  try {
    const { error, current } = JSON.parse(body);
    return new ApiError(status, error.code, error.message, error.where ?? null, error.help ?? null, current ?? null);
  } catch {
    return new ApiError(status, `http_${status}`, body.slice(0, 200));
  }
}

/** One request of the interface; every resource goes through it. A file is sent as it is. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const before = proofs;
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': document.documentElement.lang };
  if (method !== 'GET') headers['X-Digue-Request'] = '1';
  if (body !== undefined) headers['Content-Type'] = body instanceof Blob ? 'application/octet-stream' : 'application/json';
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch {
    throw new ApiError(0, 'network', '');
  }
  const text = await answer.text();
  if (!answer.ok) {
    const error = failure(answer.status, text);
    if (answer.status === 401 && proofs !== before) return call<T>(method, path, body);
    if (error.code === 'step_up' && (await onStepUp())) return call<T>(method, path, body);
    if (answer.status === 401 && path !== '/session') onSignedOut();
    throw error;
  }
  if (path === '/session/proof' || path === '/account/password') proofs += 1;
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(answer.status, 'bad_answer', text.slice(0, 200));
  }
}

export const id = encodeURIComponent;

export function query(values: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export interface NewEntry {
  event_time: string;
  zone: string;
  reporter: string;
  kind: string;
  text: string;
  machines: string[];
  accounts: string[];
  rectifies: number | null;
}

export interface EventQuery {
  account?: string;
  session?: string;
  actor?: string;
  ip?: string;
  q?: string;
  from?: string;
  to?: string;
  after?: string;
  limit?: number;
}

export const api = {
  signIn: (token: string, name: string) => call<{ name: string }>('POST', '/session', { token, name }),
  session: () => call<Session>('GET', '/session'),
  invite: () => call<{ link: string; expires: string }>('POST', '/session/links', {}),
  signOut: () => call<void>('DELETE', '/session'),
  playbook: () => call<Playbook>('GET', '/playbook'),
  incidents: () => call<IncidentSummary[]>('GET', '/incidents'),
  createIncident: (value: { title: string; description: string; confirmed: boolean; exercise: boolean }) =>
    call<Incident>('POST', '/incidents', value),
  incident: (i: string) => call<Incident>('GET', `/incidents/${id(i)}`),
  exhibits: (i: string) => call<Exhibit[]>('GET', `/incidents/${id(i)}/exhibits`),
  custody: (i: string) => call<CustodyEvent[]>('GET', `/incidents/${id(i)}/custody`),
  analyse: (i: string) => call<Job>('POST', `/incidents/${id(i)}/analyses`),
  jobs: (i: string) => call<Job[]>('GET', `/incidents/${id(i)}/jobs`),
  cancelJob: (i: string, job: string) => call<Job>('DELETE', `/incidents/${id(i)}/jobs/${id(job)}`),
  /** null before the first analysis. */
  story: async (i: string): Promise<Story | null> => {
    try {
      return await call<Story>('GET', `/incidents/${id(i)}/story?lang=${language()}`);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
  events: (i: string, q: EventQuery) =>
    call<{ events: EventRow[]; next: string | null }>('GET', `/incidents/${id(i)}/events${query({ ...q })}`),
  record: (i: string, input: number, offset: number, length: number) =>
    call<SourceRecord>('GET', `/incidents/${id(i)}/record${query({ input, offset, length })}`),
  pins: (i: string) => call<Pin[]>('GET', `/incidents/${id(i)}/pins`),
  pin: (i: string, value: { kind: string; value: string; actor: string; reason: string }) =>
    call<Pin>('POST', `/incidents/${id(i)}/pins`, value),
  unpin: (i: string, pin: string, reason: string) =>
    call<void>('DELETE', `/incidents/${id(i)}/pins/${id(pin)}`, { reason }),
  tasks: (i: string) => call<Task[]>('GET', `/incidents/${id(i)}/tasks`),
  setTask: (i: string, task: string, value: TaskChange) =>
    call<Task>('PATCH', `/incidents/${id(i)}/tasks/${id(task)}`, value),
  addAccount: (i: string, account: string, reason: string) =>
    call<Incident>('POST', `/incidents/${id(i)}/accounts`, { account, reason }),
  journal: (i: string, q: { after?: string; limit?: number; q?: string }) =>
    call<{ entries: Entry[]; next: string | null; size: number }>('GET', `/incidents/${id(i)}/journal${query(q)}`),
  append: (i: string, entry: NewEntry) => call<Entry>('POST', `/incidents/${id(i)}/journal`, entry),
  downloadUrl: (i: string, kind: 'html' | 'csv' | 'ocsf') => `${BASE}/incidents/${id(i)}/story.${kind}`,
  liveUrl: (after: string) => `${BASE}/live${query({ after })}`,
  present: (i: string) => call<Present[]>('GET', `/incidents/${id(i)}/presence`),
  here: (i: string, value: { page: string; place: string; editing: string }) => call<Present[]>('PUT', `/incidents/${id(i)}/presence`, value),
  /** Sent even while the page closes; nobody waits for the answer. */
  gone: (i: string, page: string) =>
    fetch(`${BASE}/incidents/${id(i)}/presence/${id(page)}`, { method: 'DELETE', headers: { 'X-Digue-Request': '1' }, keepalive: true }).catch(() => {}),
};

export interface Upload<T> {
  done: Promise<T>;
  cancel: () => void;
}

/** Sends one file as a stream from the disk; `progress` gets the bytes sent so far. */
export function send<T>(path: string, file: File, headers: Record<string, string>, progress: (bytes: number) => void): Upload<T> {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.open('POST', BASE + path);
    const all = { 'X-Digue-Request': '1', 'Content-Type': 'application/octet-stream', 'Accept-Language': document.documentElement.lang, ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () => {
      if (request.status === 401) onSignedOut();
      if (request.status >= 300) return reject(failure(request.status, request.responseText));
      try {
        resolve(JSON.parse(request.responseText) as T);
      } catch {
        reject(new ApiError(request.status, 'bad_answer', request.responseText.slice(0, 200)));
      }
    };
    request.onerror = () => reject(new ApiError(0, 'network', ''));
    request.onabort = () => reject(new ApiError(0, 'cancelled', ''));
    request.send(file);
  });
  return { done, cancel: () => request.abort() };
}

export const upload = (i: string, file: File, name: string, arrival: Record<string, string>, progress: (bytes: number) => void) =>
  send<Exhibit>(`/incidents/${id(i)}/exhibits${query({ name, ...arrival })}`, file, {}, progress);
