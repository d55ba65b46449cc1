import { DrillError } from './errors.ts';

/** A shell's exit code for a program killed by SIGKILL. */
const KILLED = 137;
/** Exit codes for programs that ended by a signal they caused themselves: 128 + its number (POSIX, "Exit Status for Commands"). */
const CRASHES: ReadonlyMap<number, string> = new Map([
  [132, 'SIGILL'],
  [133, 'SIGTRAP'],
  [134, 'SIGABRT'],
  [135, 'SIGBUS'],
  [136, 'SIGFPE'],
  [139, 'SIGSEGV'],
]);

/** Whether SIGKILL ended a program; usually the kernel sent it, for lack of memory. */
export function isKilled(exitCode: number): boolean {
  return exitCode === KILLED;
}

/** @returns the error for a tool that was killed, which says nothing about the backup; undefined for any other exit code. */
export function explainKilled(tool: string, exitCode: number): DrillError | undefined {
  if (!isKilled(exitCode)) return undefined;
  return new DrillError('out-of-memory', `\`${tool}\` was killed, most likely for lack of memory`, {
    hint: 'Raise `sandbox.memory` in the drill.',
  });
}

/** @returns the signal that a program crashed with: `SIGSEGV`; undefined for any other exit code. */
export function crashSignal(exitCode: number): string | undefined {
  return CRASHES.get(exitCode);
}
