import { ApiError, upload, type Upload } from './api';
import type { Exhibit } from './types';

export interface UploadItem {
  key: number;
  name: string;
  size: number;
  sent: number;
  state: 'waiting' | 'sending' | 'done' | 'failed' | 'cancelled';
  error: unknown;
}

const VISIBLE = 40;

/** Files on their way to one incident, one after the other; it goes on while other pages are looked at. */
class UploadQueue {
  items = $state<UploadItem[]>([]);
  rate = $state(0);
  active = $derived(this.items.some((item) => item.state === 'sending' || item.state === 'waiting'));
  total = $derived(this.items.reduce((sum, item) => sum + (item.state === 'cancelled' || item.state === 'failed' ? 0 : item.size), 0));
  sent = $derived(this.items.reduce((sum, item) => sum + (item.state === 'cancelled' || item.state === 'failed' ? 0 : item.sent), 0));
  /** What needs a look comes first: sending, failed, waiting, then done. */
  visible = $derived([...this.items].sort((a, b) => order(a) - order(b) || a.key - b.key).slice(0, VISIBLE));

  #files = new Map<number, File>();
  #arrivals = new Map<number, Record<string, string>>();
  #next = 0;
  #running: { key: number; upload: Upload<Exhibit> } | null = null;
  #told: () => void = () => {};

  constructor(private readonly incident: string) {}

  add(entries: { file: File; name: string }[], arrival: Record<string, string>, told: () => void): void {
    this.#told = told;
    for (const { file, name } of entries) {
      const key = this.#next++;
      this.#files.set(key, file);
      this.#arrivals.set(key, arrival);
      this.items.push({ key, name, size: file.size, sent: 0, state: 'waiting', error: null });
    }
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#running) return;
    let item: UploadItem | undefined;
    while ((item = this.items.find((other) => other.state === 'waiting'))) {
      const current = item;
      const started = performance.now();
      current.state = 'sending';
      current.sent = 0;
      const sending = upload(this.incident, this.#files.get(current.key)!, current.name, this.#arrivals.get(current.key) ?? {}, (sent) => {
        current.sent = Math.min(sent, current.size);
        const seconds = (performance.now() - started) / 1000;
        if (seconds > 0.25) this.rate = sent / seconds;
      });
      this.#running = { key: current.key, upload: sending };
      try {
        await sending.done;
        current.sent = current.size;
        current.state = 'done';
        this.#files.delete(current.key);
      } catch (error) {
        const cancelled = error instanceof ApiError && error.code === 'cancelled';
        current.state = cancelled ? 'cancelled' : 'failed';
        current.error = cancelled ? null : error;
      }
      this.#running = null;
      this.#told();
    }
    this.rate = 0;
  }

  cancel(item: UploadItem): void {
    if (this.#running?.key === item.key) this.#running.upload.cancel();
    else if (item.state === 'waiting') item.state = 'cancelled';
  }

  cancelAll(): void {
    for (const item of this.items) if (item.state === 'waiting') item.state = 'cancelled';
    this.#running?.upload.cancel();
  }

  retry(item: UploadItem): void {
    item.state = 'waiting';
    item.error = null;
    void this.#pump();
  }

  clear(): void {
    this.items = this.items.filter((item) => item.state !== 'done' && item.state !== 'cancelled');
  }
}

function order(item: UploadItem): number {
  return ['sending', 'failed', 'waiting', 'cancelled', 'done'].indexOf(item.state);
}

const queues = new Map<string, UploadQueue>();

export function queueOf(incident: string): UploadQueue {
  let queue = queues.get(incident);
  if (!queue) {
    queue = new UploadQueue(incident);
    queues.set(incident, queue);
  }
  return queue;
}

// Leaving while bytes are on their way would lose them silently.
window.addEventListener('beforeunload', (event) => {
  if ([...queues.values()].some((queue) => queue.active)) event.preventDefault();
});

async function walk(entry: FileSystemEntry, found: { file: File; name: string }[]): Promise<void> {
  const name = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, name });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A directory is read in batches of at most 100 names.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const child of batch) await walk(child, found);
  }
}

/** All files of a drop, folders included, with their paths. */
export async function filesOf(transfer: DataTransfer): Promise<{ file: File; name: string }[]> {
  const found: { file: File; name: string }[] = [];
  // Entries must be taken before the first await: the transfer is emptied when the event ends.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  for (const entry of entries) await walk(entry, found);
  return found;
}
