import { ApiError } from './api';
import { merge } from './merge';

/** The server's answer to an edit that was based on an older state. */
export const isStale = (error: unknown): error is ApiError => error instanceof ApiError && error.status === 409 && error.where === 'based_on';

/** A record that says when it was changed last, and by whom. */
export interface Changed {
  /** A text that grows with every change; null: never changed. */
  changed: string | null;
  by: string | null;
  /** The time of that change where `changed` is none. */
  at?: string | null;
}

export interface Clash<T> {
  field: keyof T;
  theirs: T[keyof T];
}

/**
 * A form over a record that a colleague may change meanwhile. What they change and this form does not is taken over at once; what both
 * change is a clash, which the person settles. Nothing that was typed goes away.
 */
export class Edit<R extends Changed, T extends object> {
  form = $state() as T;
  clashes = $state.raw<Clash<T>[]>([]);
  /** Who changed the record meanwhile. */
  by = $state<string | null>(null);
  at = $state<string | null>(null);
  /** The `changed` that the form is based on, for the server. */
  basedOn = $state<string | null>(null);
  #base: T;

  /** `typed` is what the form shows at first: the record's fields, or a draft over them. */
  constructor(record: R, private readonly fields: (record: R) => T, typed: T = fields(record)) {
    this.#base = fields(record);
    this.form = typed;
    this.basedOn = record.changed;
  }

  get base(): T {
    return this.#base;
  }

  /** Takes in the record as it is now. */
  meet(record: R): void {
    if ((record.changed ?? '') <= (this.basedOn ?? '')) return;
    const theirs = this.fields(record);
    const mine = $state.snapshot(this.form) as T;
    const { value, clashes } = merge(this.#base, mine, theirs);
    this.form = value;
    const open = this.clashes.filter((one) => !clashes.includes(one.field) && JSON.stringify(mine[one.field]) !== JSON.stringify(theirs[one.field]));
    this.clashes = [...open.map((one) => one.field), ...clashes].map((field) => ({ field, theirs: theirs[field] }));
    this.#base = theirs;
    this.basedOn = record.changed;
    this.by = record.by;
    this.at = record.at ?? record.changed;
  }

  settle(field: keyof T, takeTheirs: boolean): void {
    const clash = this.clashes.find((one) => one.field === field);
    if (clash && takeTheirs) this.form[field] = clash.theirs;
    this.clashes = this.clashes.filter((one) => one.field !== field);
  }

  /** Sends; when somebody was faster, takes in what they wrote, and sends again if nothing collides. */
  async send<A>(work: () => Promise<A>, recordIn = (current: unknown) => current as R): Promise<A> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isStale(error) || !error.current) throw error;
        this.meet(recordIn(error.current));
        if (this.clashes.length > 0) throw error;
      }
    }
  }
}
