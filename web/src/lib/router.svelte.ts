export const PLACES = [
  'situation', 'plan', 'story', 'evidence', 'journal', 'indicators', 'declarations', 'report',
] as const;
export type Place = (typeof PLACES)[number];
/** The right without which a place is closed. */
export const PLACE_NEEDS: Partial<Record<Place, string>> = { story: 'read_mail', evidence: 'read_mail', indicators: 'read_mail', journal: 'read_journal' };

export interface Route {
  page: 'signin' | 'setup' | 'incidents' | 'incident' | 'establishments' | 'connectors' | 'account' | 'people';
  incident: string;
  place: Place;
  query: URLSearchParams;
}

function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const query = new URLSearchParams(search);
  const [first, second, third] = path.split('/').map(decodeURIComponent);
  if (first === 'signin') return { page: 'signin', incident: '', place: 'situation', query };
  if (first === 'setup' || first === 'establishments' || first === 'connectors' || first === 'account' || first === 'people') {
    return { page: first, incident: '', place: 'situation', query };
  }
  if (first === 'incident' && second) {
    const place = PLACES.find((name) => name === third) ?? 'situation';
    return { page: 'incident', incident: second, place, query };
  }
  return { page: 'incidents', incident: '', place: 'situation', query };
}

export const router = $state<{ route: Route }>({ route: parse(location.hash) });

export function startRouter(): void {
  window.addEventListener('hashchange', () => {
    router.route = parse(location.hash);
  });
}

export function go(address: string): void {
  location.hash = address;
}

/** Replaces the address without a new history entry (filters that a reload should keep). */
export function replace(address: string): void {
  history.replaceState(null, '', address);
  router.route = parse(location.hash);
}

export function placeHref(incident: string, place: Place, query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/incident/${encodeURIComponent(incident)}/${place}${search ? `?${search}` : ''}`;
}
