import frMessages from '../../../content/messages/fr/web.json';
import enMessages from '../../../content/messages/en/web.json';
import { recall, remember } from './storage';
import type { Text } from './types';

export type Key = keyof typeof frMessages;
export type Language = 'fr' | 'en';

// A key that one catalogue lacks is a type error here.
const catalogues: Record<Language, Record<Key, string>> = { fr: frMessages, en: enMessages };

const state = $state<{ language: Language }>({ language: recall('digue.language') === 'en' ? 'en' : 'fr' });

export function language(): Language {
  return state.language;
}

export function locale(): string {
  return state.language === 'fr' ? 'fr-FR' : 'en-GB';
}

export function setLanguage(value: Language): void {
  state.language = value;
  remember('digue.language', value);
}

type Values = Record<string, string | number>;

function fill(text: string, values?: Values): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value) : value;
  });
}

/** The text of a key in the language of the page. */
export function t(key: Key, values?: Values): string {
  return fill(catalogues[state.language][key], values);
}

type PluralKey = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;

/** The text of `key.one` or `key.other`, as the plural rule of the language says for `n`; `{n}` is the number. */
export function tn(key: PluralKey, n: number, values?: Values): string {
  const form = new Intl.PluralRules(locale()).select(n) === 'one' ? 'one' : 'other';
  return fill(catalogues[state.language][`${key}.${form}` as Key], { n, ...values });
}

/** The text of `prefix + name`, or `name` itself when the catalogue does not know it (a newer server). */
export function named(prefix: string, name: string): string {
  const key = (prefix + name) as Key;
  return key in catalogues.fr ? t(key) : name;
}

/** A text that the server sends in both languages (or in one). */
export function tx(value: Text): string {
  if (!value) return '';
  return typeof value === 'string' ? value : value[state.language] || value.fr;
}

export function number(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

export function percent(value: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(value);
}

/** Bytes with the unit of the language (o, ko, Mo or B, kB, MB). */
export function bytes(value: number): string {
  const units = state.language === 'fr' ? ['o', 'ko', 'Mo', 'Go', 'To'] : ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(size)}\u00a0${units[unit]}`;
}

/** Seconds as "2 min 05 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const two = (value: number) => String(value).padStart(2, '0');
  if (hours >= 48) return `${Math.floor(hours / 24)}\u00a0${state.language === 'fr' ? 'j' : 'd'} ${hours % 24}\u00a0h`;
  if (hours > 0) return `${hours}\u00a0h\u00a0${two(minutes)}`;
  if (minutes > 0) return `${minutes}\u00a0min ${two(rest)}\u00a0s`;
  return `${rest}\u00a0s`;
}

/** The country's name for a two-letter code. */
export function country(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  try {
    return new Intl.DisplayNames([locale()], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
