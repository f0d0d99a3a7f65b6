import type { CaseFile } from './casefile.svelte';
import { api } from './api';
import { dutiesApi } from './duties';
import { Resource } from './resource.svelte';
import { recall, remember } from './storage';
import type { Entry, Session } from './types';

export type Theme = 'auto' | 'light' | 'dark';
export type Overlay = 'palette' | 'shortcuts' | 'help' | 'journal' | null;

const savedTheme = recall('digue.theme');

export const app = $state<{
  session: Session | null;
  /** Whether accounts exist, as the door told it. */
  accounts: boolean;
  asked: boolean;
  ended: boolean;
  overlay: Overlay;
  theme: Theme;
  singleKeys: boolean;
  now: number;
}>({
  session: null,
  accounts: false,
  asked: false,
  /** True when a login session ended while the page was open. */
  ended: false,
  overlay: null,
  theme: savedTheme === 'light' || savedTheme === 'dark' ? savedTheme : 'auto',
  singleKeys: recall('digue.singleKeys') !== 'no',
  now: Date.now(),
});

/** The open incident; a class instance is left out of the deep proxy. */
export const current = (() => {
  let file = $state.raw<CaseFile | null>(null);
  let rectify = $state.raw<Entry | null>(null);
  return {
    get file() { return file; },
    set file(value) { file = value; },
    /** The journal line that the journal dialog corrects, null for a new line. */
    get rectify() { return rectify; },
    set rectify(value) { rectify = value; },
  };
})();

export const playbook = new Resource(() => api.playbook());
export const incidents = new Resource(() => api.incidents());
/** The directory of services that the content gives; public, so that help is at hand before sign-in. */
export const services = new Resource(() => dutiesApi.services());

/** The establishment's time zone, as the server told it. */
export function zone(): string {
  return app.session?.zone || 'Europe/Paris';
}

/** Asked by a sensitive action; the dialog settles it. */
export const stepUp = $state<{ settle: ((proved: boolean) => void) | null }>({ settle: null });

let asking: Promise<boolean> | null = null;
/** Opens the dialog; several actions at once share one answer. */
export function askStepUp(): Promise<boolean> {
  asking ??= new Promise<boolean>((resolve) => (stepUp.settle = resolve)).finally(() => {
    stepUp.settle = null;
    asking = null;
  });
  return asking;
}

/** Whether the signed-in person may do something on some incident, or by their account. */
export function holds(right: string): boolean {
  return app.session?.rights.includes(right) ?? false;
}

export async function signOut(): Promise<void> {
  try {
    await api.signOut();
  } finally {
    app.session = null;
    location.hash = '#/signin';
  }
}

export function setTheme(theme: Theme): void {
  app.theme = theme;
  remember('digue.theme', theme);
}

export function setSingleKeys(on: boolean): void {
  app.singleKeys = on;
  remember('digue.singleKeys', on ? 'yes' : 'no');
}

/** Opens the journal dialog; on the journal's own page a new line is written in the form that is there. */
export function writeJournal(rectify: Entry | null = null): void {
  const form = document.querySelector<HTMLElement>('main form textarea[data-first]');
  if (!rectify && form) {
    form.focus();
    return;
  }
  current.rectify = rectify;
  app.overlay = 'journal';
}
