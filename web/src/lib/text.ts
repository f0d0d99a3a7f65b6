/** How text that came from an attacker is shown: readable, complete, and impossible to follow by accident. */

const IPV4 = /\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.(\d{1,3})\b/g;
const IPV6 = /(?<![\w:])((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)+:(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?|::[0-9a-f][0-9a-f:]*)(?![\w:])/gi;
const URL_TEXT = /\b(https?|ftp):\/\/([^\s/"'<>]+)/gi;
const MAIL = /\b([\w.+%-]+)@([\w-]+(?:\.[\w-]+)+)/g;

export function defangIp(ip: string): string {
  return ip.includes(':') ? ip.replace(/:+/, (colons) => `[${colons}]`) : ip.replace(/\.(?=[^.]*$)/, '[.]');
}

export function defangDomain(domain: string): string {
  return domain.replace(/\.(?=[^.]*$)/, '[.]');
}

export function defangUrl(url: string): string {
  const match = /^(\w+):\/\/([^/]*)(.*)$/s.exec(url);
  if (!match) return defangDomain(url);
  const scheme = match[1]!.replace(/^http/i, 'hxxp').replace(/^ftp/i, 'fxp');
  return `${scheme}://${match[2]!.replace(/\./g, '[.]')}${match[3]!}`;
}

export function defangMail(address: string): string {
  return address.replace('@', '[@]');
}

export function defangIndicator(type: string, value: string): string {
  switch (type) {
    case 'ip': return defangIp(value);
    case 'domain': return defangDomain(value);
    case 'url': return defangUrl(value);
    case 'sender': return value.includes('@') ? defangMail(value) : defangDomain(value);
    default: return value;
  }
}

/** A sentence with its addresses defanged; mail addresses of `own` domains stay readable as they are. */
export function defangText(text: string, own: ReadonlySet<string> = new Set()): string {
  return text
    .replace(URL_TEXT, (whole) => defangUrl(whole))
    .replace(MAIL, (whole, _name: string, domain: string) => (own.has(domain.toLowerCase()) ? whole : defangMail(whole)))
    .replace(IPV4, '$1[.]$2')
    .replace(IPV6, (whole) => defangIp(whole));
}

/** What an order names, defanged: a sender, a domain, an address of the web; what is of `own` domains stays readable as it is. */
export function defangOrder(parameters: Record<string, string>, own: ReadonlySet<string>): string {
  const isOwn = (value: string) => own.has(value.slice(value.indexOf('@') + 1).toLowerCase());
  return Object.entries(parameters)
    .map(([name, value]) => (['sender', 'domain', 'url'].includes(name) && !isOwn(value) ? defangIndicator(name, value) : defangText(value, own)))
    .join(' ');
}

/** The domains of the accounts that an incident concerns. */
export function domainsOf(accounts: string[]): Set<string> {
  return new Set(accounts.map((account) => account.slice(account.indexOf('@') + 1).toLowerCase()));
}

export interface Run {
  text: string;
  /** A stand-in for a character that would be invisible or change the order of the line. */
  symbol: boolean;
}

const CONTROLS = 'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ');

// C0, DEL and C1 controls and their pictures, soft hyphen, zero-width and bidirectional marks, line separators, BOM, tag characters.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u2400-\u2421\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Cuts a source text so that control characters can be drawn as marked symbols. Tab and line feed stay. */
export function visibleRuns(text: string): Run[] {
  const runs: Run[] = [];
  let last = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > last) runs.push({ text: text.slice(last, match.index), symbol: false });
    const code = match[0].codePointAt(0)!;
    const symbol = CONTROLS[code >= 0x2400 && code < 0x2420 ? code - 0x2400 : code]
      ?? (code === 0x7f || code === 0x2421 ? 'DEL' : null)
      ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    runs.push({ text: symbol, symbol: true });
    last = match.index + match[0].length;
  }
  if (last < text.length) runs.push({ text: text.slice(last), symbol: false });
  return runs;
}

/** Lower case without accents, for filters. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** True when every word of the filter is somewhere in the fields. */
export function matches(filter: string, ...fields: (string | null | undefined)[]): boolean {
  const words = fold(filter).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = fold(fields.filter(Boolean).join(' '));
  return words.every((word) => text.includes(word));
}

/** RFC 4180 text; a cell that a spreadsheet would run as a formula is kept as text. */
export function csv(header: string[], rows: (string | number | null | undefined)[][]): string {
  const cell = (value: string | number | null | undefined) => {
    let text = value === null || value === undefined ? '' : String(value);
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Gives a text to the person as a file. */
export function saveFile(name: string, text: string, type = 'text/csv'): void {
  const address = URL.createObjectURL(new Blob(['\ufeff', text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
