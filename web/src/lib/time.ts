import { locale } from './i18n.svelte';

const zoneFormats = new Map<string, Intl.DateTimeFormat>();

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

function partsIn(zone: string, utc: number): Parts {
  let format = zoneFormats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
      hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    zoneFormats.set(zone, format);
  }
  const values: Record<string, number> = {};
  for (const part of format.formatToParts(utc)) values[part.type] = Number(part.value);
  return values as unknown as Parts;
}

/** Minutes that the zone is ahead of UTC at an instant (milliseconds since 1970). */
export function offsetMinutes(zone: string, utc: number): number {
  const p = partsIn(zone, utc);
  const local = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
  return Math.round((local - Math.floor(utc / 1000) * 1000) / 60000);
}

/** "UTC+1", "UTC−3:30", "UTC". */
export function offsetText(zone: string, utc: number): string {
  const minutes = offsetMinutes(zone, utc);
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const rest = size % 60;
  return `UTC${minutes > 0 ? '+' : '−'}${Math.floor(size / 60)}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`;
}

const two = (value: number) => String(value).padStart(2, '0');

export function dateIn(zone: string, utc: number): string {
  const p = partsIn(zone, utc);
  return `${two(p.day)}/${two(p.month)}/${p.year}`;
}

export function clockIn(zone: string, utc: number, seconds = true): string {
  const p = partsIn(zone, utc);
  return `${two(p.hour)}:${two(p.minute)}${seconds ? `:${two(p.second)}` : ''}`;
}

export function longDateIn(zone: string, utc: number): string {
  return new Intl.DateTimeFormat(locale(), {
    timeZone: zone, weekday: 'long', day: 'numeric', month: 'long', year: 'numeric',
  }).format(utc);
}

/** "2026-03-09 19:58:40 UTC" */
export function utcText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** The value of a datetime-local field for an instant. */
export function localField(zone: string, utc: number): string {
  const p = partsIn(zone, utc);
  return `${p.year}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

/**
 * The instants that a wall-clock text (YYYY-MM-DDTHH:MM[:SS]) may mean in a zone: one, two in the hour that autumn
 * repeats, none in the hour that spring skips or when the text is no date.
 */
export function instantsOf(zone: string, field: string): number[] {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?/.exec(field);
  if (!match) return [];
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  const wall = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  if (Number.isNaN(wall)) return [];
  const found = new Set<number>();
  for (const probe of [wall - 86400000, wall + 86400000]) {
    const utc = wall - offsetMinutes(zone, probe) * 60000;
    if (utc + offsetMinutes(zone, utc) * 60000 === wall) found.add(utc);
  }
  return [...found].sort((a, b) => a - b);
}

/** ISO 8601 UTC with Z, without the fraction. */
export function iso(utc: number): string {
  return `${new Date(utc).toISOString().slice(0, 19)}Z`;
}
