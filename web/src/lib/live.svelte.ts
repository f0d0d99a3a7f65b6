/**
 * News of what colleagues change, as the server tells them. One stream for all tabs of a browser, which open few connections to one server:
 * the tab that holds a lock reads it and passes the news on; when that tab goes, the next one goes on behind the last news.
 */
import { api, signedOut, ApiError } from './api';

export const NEWS = ['journal', 'task', 'job', 'story', 'exhibit', 'incident', 'duty', 'presence', 'directory', 'operation', 'platform'] as const;
/** `reset`: too much was missed, everything must be read again. */
export type NewsKind = (typeof NEWS)[number] | 'reset';
type Listener = (kind: NewsKind, incident: string) => void;

interface Message {
  kind?: NewsKind;
  incident?: string;
  id?: string;
  connected?: boolean;
  ask?: boolean;
}

const NAME = 'digue.live';
const AGAIN = 3000;

class Live {
  connected = $state(true);
  #listeners = new Set<Listener>();
  #last = '';
  #channel: BroadcastChannel | null = null;
  #events: EventSource | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #release: (() => void) | null = null;
  #waiting: AbortController | null = null;

  /** Listens until the function that it answers is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#waiting) return;
    this.#waiting = new AbortController();
    if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) {
      this.#open();
      return;
    }
    this.#channel = new BroadcastChannel(NAME);
    this.#channel.onmessage = (event: MessageEvent<Message>) => this.#heard(event.data);
    this.#channel.postMessage({ ask: true });
    navigator.locks.request(NAME, { signal: this.#waiting.signal }, () => new Promise<void>((resolve) => {
      this.#release = resolve;
      this.#open();
    })).catch(() => { /* stopped while waiting */ });
  }

  stop(): void {
    this.#waiting?.abort();
    this.#waiting = null;
    clearTimeout(this.#again);
    this.#events?.close();
    this.#events = null;
    this.#channel?.close();
    this.#channel = null;
    this.#release?.();
    this.#release = null;
    this.#last = '';
    this.connected = true;
  }

  #open(): void {
    const events = new EventSource(api.liveUrl(this.#last));
    this.#events = events;
    for (const kind of [...NEWS, 'hello', 'reset'] as const) {
      events.addEventListener(kind, (event) => {
        this.#last = event.lastEventId;
        const { incident = '' } = JSON.parse(event.data) as { incident?: string };
        this.#tell(kind === 'hello' ? { id: this.#last } : { kind, incident, id: this.#last });
      });
    }
    events.onopen = () => this.#state(true);
    events.onerror = () => {
      this.#state(false);
      // A browser connects again by itself, except after an answer that is not a stream.
      if (events.readyState !== EventSource.CLOSED) return;
      this.#again = setTimeout(() => void this.#retry(), AGAIN);
    };
  }

  async #retry(): Promise<void> {
    try {
      await api.session();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return signedOut();
    }
    if (this.#events) this.#open();
  }

  #state(connected: boolean): void {
    this.connected = connected;
    this.#channel?.postMessage({ connected, id: this.#last } satisfies Message);
  }

  #tell(message: Message): void {
    this.#channel?.postMessage(message);
    if (message.kind) for (const listener of this.#listeners) listener(message.kind, message.incident ?? '');
  }

  #heard(message: Message): void {
    if (message.ask) {
      if (this.#events) this.#state(this.connected);
      return;
    }
    if (message.id) this.#last = message.id;
    if (message.connected !== undefined) this.connected = message.connected;
    if (message.kind) for (const listener of this.#listeners) listener(message.kind, message.incident ?? '');
  }
}

export const live = new Live();
