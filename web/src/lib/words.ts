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
