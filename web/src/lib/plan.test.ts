import assert from 'node:assert/strict';
import { inForce, isContained, isLate, measureDone, openLiftNeeds, openPrerequisites, progressOf } from './plan';
import type { Action, Measure, Playbook, Task, TaskState } from './types';

const task = (action: string, target: string | null, state: TaskState): Task =>
  ({ id: `${action}/${target}`, action, target, state, owner: null, reason: null, changed: null, by: null, due: null, due_set: false,
    proof: null, outcomes: [], effect: 'none', review: null, raised: null, reopened: null });
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

export function aMeasureIsDoneOnlyWhenEachOfItsActionsIs() {
  const measure = { actions: [{ id: '1.a' }, { id: '1.b' }] } as unknown as Measure;
  assert.equal(measureDone(measure, []), false);
  assert.equal(measureDone(measure, [task('1.a', 'x', 'done')]), false);
  assert.equal(measureDone(measure, [task('1.a', 'x', 'done'), task('1.b', 'x', 'refused')]), false);
  assert.equal(measureDone(measure, [task('1.a', 'x', 'done'), task('1.b', 'x', 'not_applicable')]), true);
  assert.equal(measureDone(measure, [task('1.a', 'x', 'done'), task('1.b', 'x', 'done'), task('1.b', 'y', 'todo')]), false);
}

export function lateIsPastItsTimeAndOpen() {
  const due = (state: TaskState) => ({ ...task('1.a', 'x', state), due: '2026-03-09T20:00:00Z' });
  const after = Date.parse('2026-03-09T20:00:01Z');
  assert.equal(isLate(due('todo'), after), true);
  assert.equal(isLate(due('done'), after), false);
  assert.equal(isLate(due('todo'), after - 2000), false);
  assert.equal(isLate(task('1.a', 'x', 'todo'), after), false);
}

export function theGateOfAMeasureCountsForTheSameAccount() {
  const block = { requires: [], lift_requires: [{ action: '1.b', why: '' }, { action: '2.a', why: '' }] } as unknown as Action;
  const tasks = [task('1.b', 'a@x', 'done'), task('2.a', 'a@x', 'todo'), task('1.b', 'b@x', 'todo')];
  assert.deepEqual(ids(openLiftNeeds(block, 'a@x', tasks)), ['2.a']);
}

export function whatIsInForceComesByItsReviewDate() {
  const force = (action: string, review: string) => ({ ...task(action, null, 'done' as TaskState), effect: 'in_force' as const, review });
  const tasks = [force('9.a', '2026-04-01T00:00:00Z'), task('1.b', null, 'done'), force('1.a', '2026-03-10T00:00:00Z')];
  assert.deepEqual(inForce(tasks).map((one) => one.action), ['1.a', '9.a']);
}

export function containedMeansEveryP0TaskIsClosed() {
  const book = { measures: [{ priority: 'P0', actions: [{ id: '1.a' }] }, { priority: 'P1', actions: [{ id: '5' }] }] } as unknown as Playbook;
  assert.equal(isContained(book, []), false);
  assert.equal(isContained(book, [task('1.a', 'x', 'done'), task('1.a', 'y', 'todo')]), false);
  assert.equal(isContained(book, [task('1.a', 'x', 'done'), task('1.a', 'y', 'refused'), task('5', null, 'todo')]), true);
}
