import type { Acquisition } from './evidence';

/** What the HTTP interface (docs/api.md) and the analysis schema (docs/schemas/analysis.schema.json) speak. */
export type Localized = { fr: string; en: string };
export type Text = Localized | string | null | undefined;

export interface Session {
  name: string;
  version: string;
  zone: string;
  /** Why the edited content of the data directory is not in use. */
  content_problem?: string | null;
  /** True from the first account on; false: everybody enters by a link and may do everything. */
  accounts: boolean;
  /** The account that is signed in. */
  person: string | null;
  /** Held on some incident, or by the account itself. */
  rights: string[];
}

/** Somebody who has an incident open. */
export interface Present {
  name: string;
  place: string;
  editing: string | null;
  since: string;
}

export interface IncidentSummary {
  id: string;
  reference: string;
  title: string;
  created: string;
  severity: string | null;
  confirmed: boolean;
  exercise: boolean;
  accounts: number | IncidentAccount[];
  exhibits: number;
  last_entry: string | null | { event_time?: string; recorded?: string; text?: string };
}

export type Verdict = 'compromised' | 'suspected' | 'targeted' | 'clear';

export interface IncidentAccount {
  account: string;
  origin: string;
  /** False for an account that the analysis only names: it has no tasks. */
  joined?: boolean;
  verdict: Verdict | null;
}

export interface Workstation {
  name: string;
  account: string;
}

export interface NextStep {
  kind?: 'task' | 'review' | 'qualify';
  action: string | null;
  task: string | null;
  reason: Text;
}

export interface Incident extends Omit<IncidentSummary, 'accounts'> {
  description?: string;
  accounts: IncidentAccount[];
  workstations?: Workstation[];
  next: NextStep | null;
  tlp: string | null;
  /** What the person may do on this incident. */
  rights: string[];
}

export interface Exhibit {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
  received: string;
  by: string;
  format: string | null;
  records: number | null;
  rejected: number | null;
  state: string;
  sha512: string;
  content: 'log' | 'mail';
  parents: string[];
  transformation: string;
  verified: string | null;
  acquisition: Acquisition;
  /** The bytes are gone at the end of their retention; the record stays. */
  destroyed?: { at: string; by: string; reason: string } | null;
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export interface Job {
  id: string;
  kind: string;
  state: JobState;
  bytes_done: number;
  bytes_total: number;
  rate: number | null;
  started: string | null;
  ended: string | null;
  error: string | { code?: string; message?: string; help?: string | null } | null;
}

export interface CustodyEvent {
  number: number;
  exhibit: string;
  at: string;
  who: string;
  what: string;
  detail: string;
  purpose: string;
  recipient: string;
  digest: string;
  hash: string;
}

export interface Action {
  id: string;
  title: Localized;
  why: Text;
  prerequisites: Text | Text[];
  impact: Text;
  steps: Text[];
  acts_on: Text | Text[];
  proof: Text | Text[];
  undo: Text;
  reversible: Text | boolean;
  seal_first: Text | boolean | Text[];
  techniques: string[];
  react: string[];
  d3fend: string[];
  requires: Requirement[];
  /** What must be done before the measure is lifted. */
  lift_requires?: Requirement[];
  decision?: Decision | null;
  /** How the indicators that the action puts in force are used. */
  indicators?: { mode: 'watch' | 'block'; kinds: string[] } | null;
  reopened_by?: { action: string; outcome: string; why: Text }[];
  applies_if?: Text;
  care?: Text;
  leaves?: Text;
  review_days?: number | null;
  finds?: string[];
  once_per?: string;
}

/** Another action that comes first, and in which case one may go on without it. */
export interface Requirement { action: string; why: Text; override?: Text }
/** What to do for each cause of the compromise. */
export interface Decision { question: Text; branches: { cause: string; recognise: Text; steps: Text[] }[] }

export interface Measure {
  id: string;
  title: Localized;
  title_by_theme: Localized | null;
  aim?: Text;
  priority: string;
  theme: string;
  order: number;
  actions: Action[];
}

export interface Playbook {
  credits: Localized;
  themes: { id: string; title: Localized }[];
  outcomes?: { id: string; label: Localized }[];
  causes?: { id: string; label: Localized }[];
  before?: Text[];
  pinned?: { why: Text; steps: Text[] };
  afterwards?: Text[];
  measures: Measure[];
}

export type TaskState = 'todo' | 'in_progress' | 'waiting' | 'done' | 'not_applicable' | 'refused';
export interface Task {
  id: string;
  action: string;
  target: string | null;
  state: TaskState;
  owner: string | null;
  reason: string | null;
  changed: string | null;
  by: string | null;
  due: string | null;
  /** A person set the due time. */
  due_set: boolean;
  proof: string | null;
  outcomes: string[];
  effect: Effect;
  /** Of what is in force. */
  review: string | null;
  /** The answer that brings the action forward. */
  raised: { question: string; why: Localized } | null;
  /** What another action found opens it again. */
  reopened: { action: string; outcome: string; why: Localized | null } | null;
}
export type Effect = 'none' | 'in_force' | 'lifted' | 'permanent';
/** What is absent stays. */
export interface TaskChange {
  state?: string;
  reason?: string;
  owner?: string;
  proof?: string;
  outcomes?: string[];
  due?: string;
  effect?: string;
  review?: string;
  based_on?: string | null;
}

export type EntryKind = 'fact' | 'action' | 'decision' | 'communication' | 'call' | 'system';
export interface Entry {
  seq: number;
  event_time: string;
  recorded: string;
  zone: string | null;
  author: string;
  reporter: string | null;
  kind: EntryKind;
  text: string;
  machines: string[];
  accounts: string[];
  rectifies: number | null;
  rectified_by: number | null;
  hash: string;
  /** What the workbench noted by itself; null for a person's line. */
  about?: string | null;
  /** The words were destroyed at the end of their retention; the line and its hash stay. */
  destroyed?: boolean;
  /** It is not what was written: its words are not shown. */
  damaged?: boolean;
}

export interface Pin {
  id: string;
  kind: 'session' | 'ip' | 'device' | 'account';
  value: string;
  actor: 'attacker' | 'user' | 'known_good';
  reason: string;
  by?: string;
  created?: string;
}

export type Actor = 'attacker' | 'user' | 'unknown';

export interface Input {
  path: string;
  format: string | null;
  records: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  first: string | null;
  last: string | null;
  notes: string[];
}
export interface Account {
  account: string;
  verdict: Verdict;
  confidence: number;
  first_access: string | null;
  vector: string | null;
  reasons: string[];
  sessions: string[];
}
export interface MailSession {
  id: string;
  account: string;
  actor: Actor;
  confidence: number;
  reasons: string[];
  first: string | null;
  last: string | null;
  ips: string[];
  countries: string[];
  networks: string[];
  devices: string[];
  events: number;
}
export interface RecordPlace {
  input: number;
  offset: number;
  length: number;
  uid: string | null;
}
export type FindingSeverity = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export interface Finding {
  id: string;
  rule: string;
  title: string;
  severity: FindingSeverity;
  confidence: number;
  techniques: string[];
  account: string | null;
  first: string | null;
  last: string | null;
  ips: string[];
  records: RecordPlace[];
  why: string[];
  benign: string[];
}
export interface Indicator {
  type: string;
  value: string;
  first: string | null;
  last: string | null;
  accounts: string[];
  why: string;
}
export interface Reach {
  address: string;
  internal: boolean | null;
  how: 'message' | 'forward' | 'share' | 'same_source';
  messages: number;
  first: string | null;
}
export interface Exposure {
  what: string;
  account: string;
  count: number | null;
  why: string;
}
export interface Completeness {
  input: number;
  span: { first: string | null; last: string | null } | null;
  gaps: { from: string | null; to: string | null }[];
  truncation_signs: string[];
  unseen: string[];
}
export interface Analysis {
  schema: string;
  inputs: Input[];
  accounts: Account[];
  sessions: MailSession[];
  findings: Finding[];
  indicators: Indicator[];
  reach: Reach[];
  exposure: { certain: Exposure[]; possible: Exposure[]; unknowable: Exposure[] };
  completeness: Completeness[];
}
export interface Story {
  version: number;
  computed: string;
  analysis: Analysis;
}

export interface EventRow {
  time: string | null;
  account: string | null;
  class: number | null;
  activity: number | string | null;
  operation: string | null;
  outcome: string | null;
  ip: string | null;
  country: string | null;
  device: string | null;
  session: string | null;
  actor: Actor | 'responder' | null;
  confidence: number | null;
  uid: string | null;
  input: number;
  offset: number;
  length: number;
}

export interface SourceRecord {
  input: number;
  path: string;
  offset: number;
  length: number;
  text: string;
  truncated: boolean;
  before: string | number | boolean | null;
  after: string | number | boolean | null;
}
