import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { toShell } from '../../../support/shell.ts';
import type { RequestOutcome } from '../../../support/store-request.ts';
import type { ProgramEnd } from './command-program.ts';

/** Exit statuses with a defined meaning. Source: sysexits(3). */
const EXIT = { noInput: 66, unavailable: 69, temporary: 75, noPermission: 77 } as const;

const CODES: ReadonlyMap<ProgramEnd['exit'], readonly [ErrorCode, string]> = new Map([
  [EXIT.noInput, ['source-missing', 'says that the backup location does not exist']],
  [EXIT.unavailable, ['source-unreachable', 'says that the store does not answer']],
  [EXIT.noPermission, ['source-denied', 'says that reading is not permitted']],
] as const);

/** @returns whether retrying the same call may succeed. */
export function isTransient({ exit, wasStopped }: ProgramEnd): boolean {
  return wasStopped || exit === EXIT.unavailable || exit === EXIT.temporary;
}

/** @returns whether the program reports that the backup does not exist. */
export function isGone({ exit }: ProgramEnd): boolean {
  return exit === EXIT.noInput;
}

/** The outcome of a call, recorded as a store request. */
export function outcomeOf({ exit, wasStopped }: ProgramEnd): RequestOutcome {
  if (wasStopped || exit === EXIT.unavailable) return 'unanswered';
  if (exit === 0) return 'answered';
  return exit === EXIT.noInput || exit === EXIT.noPermission ? 'refused' : 'failed';
}

/** Explains why a call failed. @param what the call did: `listing backups`, `reading orders.dump`. */
export function explainExit(end: ProgramEnd, argv: readonly string[], what: string): DrillError {
  const [code, says] = CODES.get(end.exit) ?? ['source-failed', howItEnded(end)];
  const said = end.stderr === '' ? '' : `: ${end.stderr}`;
  return new DrillError(code, `${what}: ${describeProgram(argv)} ${says}${said}`, { hint: tryByHand(argv) });
}

/** A program that broke the rules of docs/sources.md. */
export function misbehaved(argv: readonly string[], what: string, how: string): DrillError {
  return new DrillError('source-failed', `${what}: ${describeProgram(argv)} ${how}`, { hint: tryByHand(argv) });
}

export function changed(key: string, how: string): DrillError {
  return new DrillError('backup-changed', `${toPrintable(key)} ${how} since it was listed`, {
    hint: 'Run the drill again. If it happens each time, the drill and the backup job overlap: move one of them.',
  });
}

/** The program without its arguments. */
export function describeProgram([file = '']: readonly string[]): string {
  return toPrintable(file);
}

function howItEnded({ exit }: ProgramEnd): string {
  return typeof exit === 'number' ? `exited with status ${exit}` : `was killed by ${exit}`;
}

function tryByHand(argv: readonly string[]): string {
  return `Run it as the user who runs Firedrill, in the directory of the drill file: \`${toPrintable(toShell(argv), 1000)}\`. It gets PATH, HOME, LANG, TZ and the variables that \`env\` names.`;
}
