import assert from 'node:assert/strict';
import { COMMON, formOf, settingsOf, type Setting } from './connectors';

const one = (name: string, type: Setting['type']): Setting => ({ name, type, needed: false, choices: [], label: null, hint: null });
const settings = [one('url', 'text'), one('seconds', 'number'), one('replicas', 'list'), one('sudo', 'flag'), ...COMMON];

export function whatIsWrittenComesBackAsItWas() {
  const values = { url: 'ldaps://x', seconds: 5, replicas: ['ldaps://a', 'ldaps://b'], sudo: false, dry_run: true, emergency_accounts: ['secours'] };
  assert.deepEqual(settingsOf(formOf(values, settings), settings), values);
}

export function whatIsNotWrittenIsNotSent() {
  assert.deepEqual(settingsOf(formOf({}, settings), settings), {});
  assert.deepEqual(settingsOf({ replicas: ' a \n\n b\n', url: '  ' }, settings), { replicas: ['a', 'b'] });
}
