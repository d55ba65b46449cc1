import type { ErrorCode } from '../../support/errors.ts';
import { crashSignal, isKilled } from '../../support/tool-killed.ts';

export const STEPS = ['prepare', 'restore', 'server', 'ready', 'export'] as const;
export type StepName = (typeof STEPS)[number];

/** How the program of a step ended. */
export type StepEnd = 'exit' | 'not-started' | 'crashed' | 'killed' | 'no-space' | 'late' | 'too-much';

/**
 * The error code for a failed step. It blames the backup (`restore-failed`, `wrong-data`) only if a program that started, and had space and time, rejected its
 * bytes or crashed on them; every other failure says nothing about the backup.
 */
const CODES: Readonly<Record<StepName, Readonly<Record<StepEnd, ErrorCode>>>> = {
  prepare: row({ exit: 'step-failed', crashed: 'step-failed', late: 'step-failed' }),
  restore: row({ exit: 'restore-failed', crashed: 'restore-failed', late: 'step-failed' }),
  server: row({ exit: 'server-failed', crashed: 'server-failed', late: 'server-failed' }),
  ready: row({ exit: 'server-failed', crashed: 'server-failed', late: 'server-failed' }),
  export: row({ exit: 'wrong-data', crashed: 'wrong-data', late: 'step-failed' }),
};

export function stepFault(step: StepName, end: StepEnd): ErrorCode {
  return CODES[step][end];
}

function row(own: { readonly [End in 'exit' | 'crashed' | 'late']: ErrorCode }): Readonly<Record<StepEnd, ErrorCode>> {
  return {
    ...own,
    'not-started': 'tool-missing',
    killed: 'out-of-memory',
    'no-space': 'disk-full',
    'too-much': 'step-failed',
  };
}

/** How a shell exits for a program that it cannot run or find (POSIX, "Exit Status for Commands"). */
const NOT_STARTED: ReadonlySet<number> = new Set([126, 127]);

export function endOf(exitCode: number, stderr: string): StepEnd {
  if (NOT_STARTED.has(exitCode)) return 'not-started';
  if (/No space left on device/i.test(stderr)) return 'no-space';
  if (isKilled(exitCode)) return 'killed';
  return crashSignal(exitCode) === undefined ? 'exit' : 'crashed';
}
