import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge } from './merge';

const base = { owner: 'A', proof: '', outcomes: ['x'] };

test('what one of the two changed is kept', () => {
  const merged = merge(base, { ...base, proof: 'seen' }, { ...base, owner: 'B', outcomes: ['x', 'y'] });
  assert.deepEqual(merged, { value: { owner: 'B', proof: 'seen', outcomes: ['x', 'y'] }, clashes: [] });
});

test('what both changed to the same is no collision', () => {
  assert.deepEqual(merge(base, { ...base, owner: 'B' }, { ...base, owner: 'B' }).clashes, []);
});

test('what both changed otherwise keeps mine and is named', () => {
  const merged = merge(base, { ...base, owner: 'B', outcomes: [] }, { ...base, owner: 'C', outcomes: ['z'] });
  assert.deepEqual(merged, { value: { owner: 'B', proof: '', outcomes: [] }, clashes: ['owner', 'outcomes'] });
});

test('a field that only one of them has is taken in', () => {
  assert.deepEqual(merge<Record<string, string>>({}, { a: 'yes' }, { b: 'no' }), { value: { a: 'yes', b: 'no' }, clashes: [] });
});

test('nothing of mine is lost when they changed back to what I began with', () => {
  assert.deepEqual(merge(base, { ...base, owner: 'B' }, base), { value: { ...base, owner: 'B' }, clashes: [] });
});
