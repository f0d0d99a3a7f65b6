import { api } from './api';
import { dutiesApi } from './duties';
import { overlayApi } from './overlay';
import { JournalLog } from './journal.svelte';
import { live, type NewsKind } from './live.svelte';
import { operationsApi } from './operations';
import { Presence } from './presence.svelte';
import { protectionApi } from './protection';
import { qualificationApi } from './qualification';
import { Resource } from './resource.svelte';
import { retentionApi } from './retention';
import { domainsOf } from './text';

const KINDS = ['journal', 'task', 'job', 'story', 'exhibit', 'incident', 'duty', 'operation', 'platform'] as const;
type Kind = Exclude<NewsKind, 'reset'>;

/** Everything the pages of one incident share, kept fresh by the server's live events. */
export class CaseFile {
  readonly incident;
  readonly tasks;
  readonly story;
  readonly exhibits;
  readonly jobs;
  readonly pins;
  readonly qualification;
  readonly capabilities;
  readonly stages;
  readonly journal;
  readonly protection;
  readonly otherLogs;
  readonly duties;
  readonly calls;
  readonly presence;
  readonly overlays;
  readonly retention;
  readonly operations;
  readonly proposals;
  readonly offers;
  /** Temporary passwords that were shown, by operation: the server tells each once, and a card may be built again. */
  readonly passwords = $state<Record<string, string>>({});

  #deaf: () => void;
  #timers = new Map<Kind, ReturnType<typeof setTimeout>>();
  #poll: ReturnType<typeof setInterval>;
  #rights: Promise<string[] | null>;

  constructor(readonly id: string) {
    this.incident = new Resource(() => api.incident(id));
    this.#rights = api.incident(id).then((incident) => incident.rights, () => null);
    this.tasks = new Resource(() => api.tasks(id));
    this.story = new Resource(() => this.#if('read_mail', () => api.story(id), null));
    this.exhibits = new Resource(() => this.#if('read_mail', () => api.exhibits(id), []));
    this.jobs = new Resource(() => this.#if('read_mail', () => api.jobs(id), []));
    this.pins = new Resource(() => this.#if('read_mail', () => api.pins(id), []));
    this.qualification = new Resource(() => qualificationApi.read(id));
    this.capabilities = new Resource(() => qualificationApi.capabilities(id));
    this.stages = new Resource(() => qualificationApi.stages(id));
    this.journal = new JournalLog(id);
    this.protection = new Resource(() => protectionApi.read(id));
    this.otherLogs = new Resource(() => this.#if('read_journal', () => protectionApi.logs(id), []));
    this.duties = new Resource(() => dutiesApi.duties(id));
    this.calls = new Resource(() => dutiesApi.calls(id));
    this.presence = new Presence(id);
    this.overlays = new Resource(() => overlayApi.ofIncident(id));
    this.retention = new Resource(() => retentionApi.show(id));
    this.operations = new Resource(() => this.#if('read_mail', () => operationsApi.list(id), []));
    this.offers = new Resource(() => this.#if('contain', () => operationsApi.offers(id), []));
    this.proposals = new Resource(() => this.#if('read_mail', () => operationsApi.proposals(id), []));
    this.#deaf = live.listen((kind, incident) => {
      if (kind === 'reset') this.refreshAll();
      else if (incident === id || incident === '') this.changed(kind);
    });
    this.#poll = setInterval(() => {
      if (this.running) void this.jobs.refresh();
    }, 1500);
    this.refreshAll();
  }

  /** Whether the signed-in person may do that here. */
  may(right: string): boolean {
    return this.incident.value?.rights.includes(right) ?? false;
  }

  /** The domains of its accounts, whose addresses stay readable. */
  get own(): ReadonlySet<string> {
    return domainsOf((this.incident.value?.accounts ?? []).map((one) => one.account));
  }

  /** What a role leaves out is not asked for. */
  async #if<T>(right: string, load: () => Promise<T>, without: T): Promise<T> {
    const rights = this.incident.value?.rights ?? (await this.#rights);
    return rights === null || rights.includes(right) ? load() : without;
  }

  get running() {
    return this.jobs.value?.find((job) => job.state === 'running' || job.state === 'queued');
  }

  refreshAll(): void {
    for (const kind of KINDS) this.#apply(kind);
  }

  /** Something of this kind changed; bursts are read once. */
  changed(kind: Kind): void {
    if (this.#timers.has(kind)) return;
    this.#timers.set(kind, setTimeout(() => {
      this.#timers.delete(kind);
      this.#apply(kind);
    }, 250));
  }

  #apply(kind: Kind): void {
    switch (kind) {
      case 'journal':
        void this.#if('read_journal', this.journal.refresh, undefined);
        void this.#if('read_journal', this.protection.refresh, undefined);
        break;
      case 'task': void this.tasks.refresh(); void this.incident.refresh(); void this.proposals.refresh(); break;
      case 'job': void this.#jobsChanged(); break;
      case 'story': void this.story.refresh(); void this.proposals.refresh(); void this.pins.refresh(); void this.incident.refresh(); break;
      case 'operation': void this.operations.refresh(); void this.proposals.refresh(); break;
      case 'platform': void this.offers.refresh(); void this.proposals.refresh(); break;
      case 'exhibit': void this.exhibits.refresh(); void this.otherLogs.refresh(); break;
      case 'incident':
        for (const one of [this.incident, this.tasks, this.qualification, this.capabilities, this.stages, this.duties, this.calls, this.overlays, this.retention, this.proposals]) void one.refresh();
        break;
      case 'presence': void this.presence.refresh(); break;
      case 'directory': void this.calls.refresh(); break;
      case 'duty': void this.duties.refresh(); void this.calls.refresh(); void this.overlays.refresh(); break;
    }
  }

  async #jobsChanged(): Promise<void> {
    const before = this.running?.id;
    await this.jobs.refresh();
    if (before && !this.running) for (const kind of ['story', 'exhibit', 'task', 'journal'] as const) this.changed(kind);
  }

  close(): void {
    this.#deaf();
    this.presence.close();
    clearInterval(this.#poll);
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
