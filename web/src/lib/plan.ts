import type { Action, Measure, Playbook, Task, TaskState } from './types';

export const STATES: TaskState[] = ['todo', 'in_progress', 'waiting', 'done', 'not_applicable', 'refused'];

export function isClosed(state: TaskState): boolean {
  return state === 'done' || state === 'not_applicable' || state === 'refused';
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
