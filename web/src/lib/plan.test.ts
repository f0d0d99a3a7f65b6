import assert from 'node:assert/strict';
import { openPrerequisites, progressOf } from './plan';
import type { Action, Task, TaskState } from './types';

const task = (action: string, target: string | null, state: TaskState): Task =>
  ({ id: `${action}/${target}`, action, target, state, owner: null, reason: null, changed: null, by: null });
const needs = (...ids: string[]) => ({ requires: ids.map((action) => ({ action, why: '' })) }) as unknown as Action;
const ids = (found: Action['requires']) => found.map((need) => need.action);

export function aPrerequisiteCountsForTheSameAccount() {
  const tasks = [task('1.a', 'a@x', 'done'), task('1.a', 'b@x', 'todo')];
  assert.deepEqual(ids(openPrerequisites(needs('1.a'), 'a@x', tasks)), []);
  assert.deepEqual(ids(openPrerequisites(needs('1.a'), 'b@x', tasks)), ['1.a']);
}

export function aWiderPrerequisiteCountsForAll() {
  assert.deepEqual(ids(openPrerequisites(needs('7.b'), 'a@x', [task('7.b', null, 'waiting')])), ['7.b']);
  assert.deepEqual(ids(openPrerequisites(needs('7.b'), 'a@x', [task('7.b', null, 'not_applicable')])), []);
  assert.deepEqual(ids(openPrerequisites(needs('1.b'), null, [task('1.b', 'a@x', 'done'), task('1.b', 'b@x', 'refused')])), ['1.b']);
}

export function progressSumsUpTargets() {
  assert.deepEqual(progressOf([]), { closed: 0, all: 0, state: 'todo' });
  assert.deepEqual(progressOf([task('1.a', 'a@x', 'done'), task('1.a', 'b@x', 'todo')]), { closed: 1, all: 2, state: 'in_progress' });
  assert.deepEqual(progressOf([task('1.a', 'a@x', 'done'), task('1.a', 'b@x', 'not_applicable')]), { closed: 2, all: 2, state: 'done' });
  assert.deepEqual(progressOf([task('1.a', 'a@x', 'refused'), task('1.a', 'b@x', 'not_applicable')]), { closed: 2, all: 2, state: 'refused' });
  assert.equal(progressOf([task('1.a', 'a@x', 'not_applicable')]).state, 'not_applicable');
}
