import { named, t } from './i18n.svelte';

/** The name of a severity grade; a case that nobody graded is "to be qualified". */
export function severityName(severity: string | null): string {
  return severity ? named('severity.', severity) : t('severity.none');
}

/** "TLP:AMBER+STRICT" for any spelling of the same. */
export function tlpName(tlp: string | null): string {
  const word = (tlp ?? 'amber').toUpperCase().replace(/^TLP[:_ -]*/, '').replace(/[_ -]STRICT$/, '+STRICT');
  return `TLP:${word}`;
}

/** "Firefox, Linux" from what a browser says of itself; its own words when they are not known. */
export function browserName(agent: string): string {
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = first([[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']]);
  const system = first([[/Windows/, 'Windows'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux']]);
  return browser ? [browser, system].filter(Boolean).join(', ') : agent.slice(0, 60) || '–';
}
