import assert from 'node:assert/strict';
import { clockIn, dateIn, instantsOf, iso, localField, offsetText, utcText } from './time';

const PARIS = 'Europe/Paris';

export function timesAreShownInTheZoneWithItsOffset() {
  const winter = Date.parse('2026-01-31T23:30:05Z');
  assert.equal(`${dateIn(PARIS, winter)} ${clockIn(PARIS, winter)} ${offsetText(PARIS, winter)}`, '01/02/2026 00:30:05 UTC+1');
  assert.equal(offsetText(PARIS, Date.parse('2026-07-01T00:00:00Z')), 'UTC+2');
  assert.equal(offsetText('America/Martinique', winter), 'UTC−4');
  assert.equal(offsetText('Asia/Kolkata', winter), 'UTC+5:30');
  assert.equal(offsetText('UTC', winter), 'UTC');
  assert.equal(utcText('2026-03-09T19:58:40.123456Z'), '2026-03-09 19:58:40 UTC');
}

export function aWallClockBecomesAnInstant() {
  assert.deepEqual(instantsOf(PARIS, '2026-03-09T20:58:40').map(iso), ['2026-03-09T19:58:40Z']);
  assert.deepEqual(instantsOf(PARIS, '2026-07-09T20:58').map(iso), ['2026-07-09T18:58:00Z']);
  assert.deepEqual(instantsOf(PARIS, ''), []);
  assert.equal(localField(PARIS, Date.parse('2026-03-09T19:58:40Z')), '2026-03-09T20:58:40');
}

// France leaves summer time on the last Sunday of October at 3:00, and enters it on the last Sunday of March at 2:00.
export function theRepeatedHourHasTwoInstants() {
  assert.deepEqual(instantsOf(PARIS, '2026-10-25T02:30:00').map(iso), ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']);
  assert.deepEqual(instantsOf(PARIS, '2026-10-25T03:00:00').map(iso), ['2026-10-25T02:00:00Z']);
}

export function theSkippedHourHasNone() {
  assert.deepEqual(instantsOf(PARIS, '2026-03-29T02:30:00'), []);
  assert.deepEqual(instantsOf(PARIS, '2026-03-29T03:00:00').map(iso), ['2026-03-29T01:00:00Z']);
}
