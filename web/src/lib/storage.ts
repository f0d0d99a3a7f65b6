/** Browser storage that a private window or a full disk may refuse: then the page goes on without it. */
type Store = 'localStorage' | 'sessionStorage';

export function recall(key: string, store: Store = 'localStorage'): string | null {
  try {
    return globalThis[store].getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string, store: Store = 'localStorage'): boolean {
  try {
    globalThis[store].setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string, store: Store = 'localStorage'): void {
  try {
    globalThis[store].removeItem(key);
  } catch {
    // Nothing was stored, so nothing stays.
  }
}

/** What a person was typing: kept for this tab until the server has answered that it is saved. */
export function loadDraft<T extends object>(key: string, blank: T): T {
  const text = recall(`digue.draft.${key}`, 'sessionStorage');
  if (text === null) return blank;
  try {
    return { ...blank, ...(JSON.parse(text) as Partial<T>) };
  } catch {
    return blank;
  }
}

export function saveDraft(key: string, value: object): void {
  remember(`digue.draft.${key}`, JSON.stringify(value), 'sessionStorage');
}

export function clearDraft(key: string): void {
  forget(`digue.draft.${key}`, 'sessionStorage');
}
