import { api } from './api';
import type { Entry } from './types';

/** The journal of one incident: lines never change once written, so only new ones are read again, until all are destroyed. */
export class JournalLog {
  /** By seq; undefined before the first answer. */
  entries = $state.raw<Entry[] | undefined>(undefined);
  error = $state.raw<unknown>(null);
  #reading = false;
  #again = false;

  constructor(private readonly incident: string) {}

  refresh = async (): Promise<void> => {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        await this.#read();
      } while (this.#again);
      this.error = null;
    } catch (error) {
      this.error = error;
    } finally {
      this.#reading = false;
    }
  };

  async #read(): Promise<void> {
    const entries = new Map((this.entries ?? []).map((entry) => [entry.seq, entry]));
    let after = this.entries?.at(-1)?.seq;
    for (;;) {
      const page = await api.journal(this.incident, { limit: 500, after: after === undefined ? undefined : String(after) });
      if (this.entries && page.entries.some((entry) => entry.about === 'incident.destroyed')) {
        // The words of all lines before are gone: nobody goes on reading them here.
        this.entries = undefined;
        return this.#read();
      }
      for (const entry of page.entries) {
        entries.set(entry.seq, entry);
        // The line that is corrected was read before its correction was written.
        const old = entry.rectifies === null ? undefined : entries.get(entry.rectifies);
        if (old) entries.set(old.seq, { ...old, rectified_by: entry.seq });
        after = entry.seq;
      }
      if (!page.next || page.entries.length === 0) break;
    }
    this.entries = [...entries.values()].sort((a, b) => a.seq - b.seq);
  }
}
