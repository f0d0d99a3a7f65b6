/** Who else has an incident open, and where: this page says so for itself, and is told of the others. */
import { api } from './api';
import type { Present } from './types';

const EVERY = 25_000;

export class Presence {
  all = $state.raw<Present[]>([]);
  #page = crypto.randomUUID();
  #place = '';
  /** What dialogs and forms that are open change; the last one is told. */
  #editing: string[] = [];
  #timer: ReturnType<typeof setInterval>;

  constructor(private readonly incident: string) {
    this.#timer = setInterval(() => void this.#say(), EVERY);
    window.addEventListener('pagehide', this.#leave);
  }

  at(place: string): void {
    this.#place = place;
    void this.#say();
  }

  /** Says that something is being changed, until the function that it answers is called. */
  editing(what: string): () => void {
    this.#editing.push(what);
    void this.#say();
    return () => {
      this.#editing.splice(this.#editing.lastIndexOf(what), 1);
      void this.#say();
    };
  }

  /** Who else changes this now. */
  others(name: string | undefined, editing: string): string[] {
    return [...new Set(this.all.filter((one) => one.editing === editing && one.name !== name).map((one) => one.name))];
  }

  refresh = async (): Promise<void> => {
    try {
      this.all = await api.present(this.incident);
    } catch {
      // Who is here is a convenience: its absence is no failure of anything else.
    }
  };

  async #say(): Promise<void> {
    if (this.#place === '') return;
    try {
      this.all = await api.here(this.incident, { page: this.#page, place: this.#place, editing: this.#editing.at(-1) ?? '' });
    } catch {
      // As above.
    }
  }

  #leave = () => void api.gone(this.incident, this.#page);

  close(): void {
    clearInterval(this.#timer);
    window.removeEventListener('pagehide', this.#leave);
    this.#place = '';
    this.#leave();
  }
}
