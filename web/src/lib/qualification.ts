import { call } from './api';
import type { Localized, Task } from './types';

export type Answer = 'yes' | 'no' | 'unknown';
export const ANSWERS: Answer[] = ['yes', 'no', 'unknown'];
export const AXES = ['perimeter', 'impact', 'urgency'] as const;
export type Axis = (typeof AXES)[number];
/** The words of each axis, from the less to the more serious. */
export const JUDGEMENTS: Record<Axis, [string, string]> = {
  perimeter: ['limited', 'wide'], impact: ['limited', 'strong'], urgency: ['not_urgent', 'urgent'],
};
export const SECTIONS = ['confirmation', 'accounts', 'health', 'perimeter', 'impact', 'urgency'] as const;
export const SEVERITIES = ['anomaly', 'minor', 'major', 'crisis'] as const;

export interface Question {
  id: string;
  axis: string;
  question: Localized;
  why: Localized;
  how: Localized;
  statement: Localized;
}
export interface Suggestion {
  axes: Record<Axis, { proposed: string; because: string[]; to_find: string[] }>;
  severity: string | null;
  reasons: string[];
  to_find: string[];
  raised: { action: string; question: string; why: Localized }[];
  duties: string[];
}
export interface Version {
  version: number;
  at: string;
  by: string;
  reason: string;
  answers: Record<string, Answer>;
  judged: Record<Axis, string>;
  judgements: Record<Axis, string>;
  note: string;
  suggested: string | null;
  severity: string | null;
  severity_reason: string;
  confirmed: boolean;
  started: string | null;
  minutes: number;
}
export interface Qualification {
  questions: Question[];
  time_box: { low: number; usual: number; high: number };
  precautions: { action: string; text: Localized }[];
  current: Version | null;
  versions: Version[];
  suggestion: Suggestion;
}
export interface NewVersion {
  based_on: number;
  answers: Record<string, Answer>;
  judgements: Partial<Record<Axis, string>>;
  note: string;
  severity: string | null;
  severity_reason: string;
  reason: string;
  started: string | null;
  minutes: number;
}
export interface Capability {
  id: string;
  question: Localized;
  when_not: Localized;
  answer: Answer | null;
  at: string | null;
  by: string | null;
}
export interface Stage {
  id: string;
  title: Localized;
  aim: Localized;
  open: boolean;
  spans: { opened: string; opened_by: string; closed: string | null; closed_by: string | null }[];
  does: { actor: string; name: Localized; text: Localized }[];
}

const path = (i: string, rest: string) => `/incidents/${encodeURIComponent(i)}/${rest}`;

export const qualificationApi = {
  read: (i: string) => call<Qualification>('GET', path(i, 'qualification')),
  preview: (i: string, value: { answers: Record<string, Answer>; judgements: Partial<Record<Axis, string>> }) =>
    call<Suggestion>('POST', path(i, 'qualification/preview'), value),
  save: (i: string, value: NewVersion) => call<Qualification>('POST', path(i, 'qualification'), value),
  capabilities: (i: string) => call<Capability[]>('GET', path(i, 'capabilities')),
  answerCapability: (i: string, answers: Record<string, Answer>) => call<Capability[]>('POST', path(i, 'capabilities'), { answers }),
  stages: (i: string) => call<Stage[]>('GET', path(i, 'stages')),
  setStage: (i: string, stage: string, open: boolean, reason: string) =>
    call<Stage[]>('POST', path(i, `stages/${encodeURIComponent(stage)}`), { open, reason }),
  addWorkstation: (i: string, name: string, account: string) => call<Task[]>('POST', path(i, 'workstations'), { name, account }),
};

/** The questions whose answers differ between two versions (from null: the first), in the order of the questions. */
export function changesBetween(questions: Question[], from: Version | null, to: Version): { question: Question; from: Answer | null; to: Answer | null }[] {
  return questions
    .map((question) => ({ question, from: from?.answers[question.id] ?? null, to: to.answers[question.id] ?? null }))
    .filter((one) => one.from !== one.to);
}
