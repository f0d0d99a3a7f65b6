/** Whole incidents and the whole workbench as archives, on their way out and in. */
import { ApiError, call, downloadBase, id, send, type Upload } from './api';
import { sealFor, type Seal } from './evidence';

export interface Download {
  id: string;
  name: string;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  bytes: number;
  /** Bytes of what is packed; the archive is a little larger. */
  about: number;
  sha256: string | null;
  error: string | null;
}

export interface TakenOver {
  id: string;
  reference: string;
  title: string;
  reference_before: string;
  lines: number;
  exhibits: number;
}

/** One archive that the browser itself streams to the disk; the server tells how far it is. It goes on while other pages are looked at. */
export class Downloading {
  told = $state.raw<Download | null>(null);
  failure = $state.raw<unknown>(null);
  cancelled = $state(false);
  rate = $state(0);
  #started = 0;

  constructor(private readonly path: string) {}

  // No $derived: made while a page is shown, it would end with that page.
  get active(): boolean {
    return this.told?.state === 'waiting' || this.told?.state === 'sending';
  }

  /** Prepares the archive, then has the browser fetch it. */
  async start(seal: Seal, body: Record<string, string> = {}): Promise<void> {
    this.failure = null;
    this.cancelled = false;
    this.rate = 0;
    const told = await call<Download>('POST', this.path, { ...body, ...sealFor(seal), link: true });
    this.told = told;
    this.#started = performance.now();
    const link = document.createElement('a');
    link.href = `${downloadBase}/downloads/${id(told.id)}/file`;
    link.download = told.name;
    link.click();
    void this.#follow(told.id);
  }

  async #follow(download: string): Promise<void> {
    while (this.told?.id === download && this.active) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      try {
        const told = await call<Download>('GET', `/downloads/${id(download)}`);
        if (this.told?.id !== download || !this.active) return;
        const seconds = (performance.now() - this.#started) / 1000;
        if (told.bytes > 0 && seconds > 0.25) this.rate = told.bytes / seconds;
        this.told = told;
        this.failure = null;
      } catch (error) {
        this.failure = error;
        // Nobody tells any more how it went on.
        if (error instanceof ApiError && error.status > 0) this.told = null;
      }
    }
  }

  async cancel(): Promise<void> {
    if (!this.told) return;
    try {
      await call<void>('DELETE', `/downloads/${id(this.told.id)}`);
      this.cancelled = true;
      this.told = null;
    } catch (error) {
      this.failure = error;
    }
  }
}

const downloads = new Map<string, Downloading>();
function downloadOf(path: string): Downloading {
  let one = downloads.get(path);
  if (!one) downloads.set(path, (one = new Downloading(path)));
  return one;
}
export const backup = () => downloadOf('/backup');
export const exportOf = (incident: string) => downloadOf(`/incidents/${id(incident)}/export`);

/** An incident on its way in. */
class Incoming {
  name = $state('');
  size = $state(0);
  sent = $state(0);
  rate = $state(0);
  state = $state<'none' | 'sending' | 'checking' | 'done' | 'failed' | 'cancelled'>('none');
  failure = $state.raw<unknown>(null);
  taken = $state.raw<TakenOver | null>(null);
  active = $derived(this.state === 'sending' || this.state === 'checking');
  #upload: Upload<TakenOver> | null = null;

  async start(file: File, passphrase: string): Promise<void> {
    this.clear();
    // Asked first: a refusal cannot be read while the bytes of a large file are on their way.
    await call<void>('GET', '/session/proof');
    this.name = file.name;
    this.size = file.size;
    this.sent = this.rate = 0;
    this.state = 'sending';
    const started = performance.now();
    const headers: Record<string, string> = passphrase === '' ? {} : { 'X-Digue-Passphrase': encodeURIComponent(passphrase) };
    this.#upload = send<TakenOver>('/incidents/import', file, headers, (sent) => {
      this.sent = Math.min(sent, file.size);
      const seconds = (performance.now() - started) / 1000;
      if (seconds > 0.25) this.rate = sent / seconds;
      if (this.sent >= file.size) this.state = 'checking';
    });
    try {
      this.taken = await this.#upload.done;
      this.state = 'done';
    } catch (error) {
      const cancelled = error instanceof ApiError && error.code === 'cancelled';
      this.state = cancelled ? 'cancelled' : 'failed';
      this.failure = cancelled ? null : error;
    }
    this.#upload = null;
  }

  cancel(): void {
    this.#upload?.cancel();
  }

  /** Forgets how the last one ended. */
  clear(): void {
    if (this.active) return;
    this.state = 'none';
    this.failure = null;
    this.taken = null;
  }
}
export const incoming = new Incoming();

/** Whether a file is one that only its recipient opens. */
export const isSealed = async (file: File) => (await file.slice(0, 15).text()) === 'digue.sealed/1\n';

// Leaving while bytes are on their way would lose them silently.
window.addEventListener('beforeunload', (event) => {
  if (incoming.active) event.preventDefault();
});
