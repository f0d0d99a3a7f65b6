import type { Action, Measure, Playbook, Task, TaskState } from './types';

export const STATES: TaskState[] = ['todo', 'in_progress', 'waiting', 'done', 'not_applicable', 'refused'];

export function isClosed(state: TaskState): boolean {
  return state === 'done' || state === 'not_applicable' || state === 'refused';
}

/** Past its due time and still open. */
export function isLate(task: Task, now: number): boolean {
  return task.due !== null && !isClosed(task.state) && Date.parse(task.due) < now;
}

/** Every action has its tasks, and each is done or not applicable: a refused one leaves the measure open. */
export function measureDone(measure: Measure, tasks: Task[]): boolean {
  return measure.actions.every((action) => {
    const mine = tasks.filter((task) => task.action === action.id);
    return mine.length > 0 && mine.every((task) => task.state === 'done' || task.state === 'not_applicable');
  });
}

/** What is in force, the first to review first. */
export function inForce(tasks: Task[]): Task[] {
  return tasks.filter((task) => task.effect === 'in_force').sort((a, b) => (a.review ?? '').localeCompare(b.review ?? ''));
}

/** Contained: every P0 task is closed (and there is one). */
export function isContained(playbook: Playbook, tasks: Task[]): boolean {
  const first = playbook.measures.filter((measure) => measure.priority === 'P0').flatMap((measure) => measure.actions.map((action) => action.id));
  const mine = tasks.filter((task) => first.includes(task.action));
  return mine.length > 0 && mine.every((task) => isClosed(task.state));
}

/** The gate of a measure in force: what should be closed before it is lifted. */
export function openLiftNeeds(action: Action, target: string | null, tasks: Task[]): Action['requires'] {
  return openPrerequisites({ ...action, requires: action.lift_requires ?? [] }, target, tasks);
}

export function actionsOf(playbook: Playbook): Action[] {
  return inOrder(playbook.measures).flatMap((measure) => measure.actions);
}

export function inOrder(measures: Measure[]): Measure[] {
  return [...measures].sort((a, b) => a.order - b.order);
}

/** The prerequisites of an action that are still open for the same target (or for every target). */
export function openPrerequisites(action: Action, target: string | null, tasks: Task[]): Action['requires'] {
  return action.requires.filter((need) => {
    const all = tasks.filter((task) => task.action === need.action);
    const same = all.filter((task) => task.target === target);
    return (same.length > 0 ? same : all).some((task) => task.state !== 'done' && task.state !== 'not_applicable');
  });
}

/** How far an action is over all its targets: closed tasks, all tasks, and the state that describes them together. */
export function progressOf(tasks: Task[]): { closed: number; all: number; state: TaskState } {
  const closed = tasks.filter((task) => isClosed(task.state)).length;
  const all = tasks.length;
  let state: TaskState = 'todo';
  if (all > 0 && closed === all) {
    state = tasks.every((task) => task.state === 'not_applicable') ? 'not_applicable'
      : tasks.every((task) => task.state !== 'done') ? 'refused' : 'done';
  } else if (tasks.some((task) => task.state === 'in_progress') || closed > 0) {
    state = 'in_progress';
  } else if (tasks.some((task) => task.state === 'waiting')) {
    state = 'waiting';
  }
  return { closed, all, state };
}

/** A field that may be one text or a list of them, as a list. */
export function list<T>(value: T | T[] | null | undefined): T[] {
  if (value === null || value === undefined || value === '') return [];
  return Array.isArray(value) ? value : [value];
}
