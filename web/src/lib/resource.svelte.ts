/** One thing read from the server: its last good value stays on screen while it is read again or when that fails. */
export class Resource<T> {
  value = $state.raw<T | undefined>(undefined);
  error = $state.raw<unknown>(null);
  loading = $state(false);
  #latest = 0;

  constructor(private readonly load: () => Promise<T>) {}

  /** Reads it; of answers that overlap only the newest request's one is kept. */
  refresh = async (): Promise<void> => {
    const mine = ++this.#latest;
    this.loading = true;
    try {
      const value = await this.load();
      if (mine === this.#latest) {
        this.value = value;
        this.error = null;
      }
    } catch (error) {
      if (mine === this.#latest) this.error = error;
    } finally {
      if (mine === this.#latest) this.loading = false;
    }
  };

  /** Puts a value that the server has just answered to a change. */
  set(value: T): void {
    this.#latest += 1;
    this.value = value;
    this.error = null;
    this.loading = false;
  }
}
