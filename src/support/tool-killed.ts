import { DrillError } from './errors.ts';

/** A shell's exit code for a program killed by SIGKILL. */
const KILLED = 137;

/** @returns the error for a tool that was killed, which says nothing about the backup; undefined for any other exit code. */
export function explainKilled(tool: string, exitCode: number): DrillError | undefined {
  if (exitCode !== KILLED) return undefined;
  return new DrillError('out-of-memory', `\`${tool}\` was killed, most likely for lack of memory`, {
    hint: 'Raise `sandbox.memory` in the drill.',
  });
}
