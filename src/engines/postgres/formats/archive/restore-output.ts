import { DrillError } from '../../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../../support/free-up-space.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { isKilled } from '../../../../support/tool-killed.ts';
import type { LoadPhase } from '../../../engine.ts';
import { type LoadErrors, withoutRowData } from '../../../sql-dump/load-errors.ts';
import type { LoadFinding } from '../../../whose-fault.ts';
import { classifyError } from '../../loading/classify-error.ts';
import { withoutSecrets } from '../../loading/statement-errors.ts';

/** One error of pg_restore, collected line by line. */
interface OpenError {
  message: string;
  command: string | undefined;
}

const DAMAGE: readonly (readonly [code: 'backup-truncated' | 'backup-corrupt', pattern: RegExp])[] = [
  ['backup-truncated', /end of file|unexpected end|end of input|too short|incomplete/i],
  [
    'backup-corrupt',
    /could not (?:un|de)compress|corrupt|block ID|magic|checksum|not appear to be a valid|invalid (?:header|distance|code|block|bit length|stored)|unrecognized data block|could not find (?:entry|header)/i,
  ],
];

/**
 * Workers write a line in pieces (`pg_restore: `, `error: `, the message), so an error may start within another line, or its message may be a line of its own;
 * the other workers continue for a while after it. Object names and SQL appear in lines of other forms.
 */
const MAY_BE_MIXED = /error: |^(?:could not|corrupt|found|input file|invalid|unexpected|unrecognized) /;

/** Errors of COPY or INSERT: rows refused because of their values, regardless of their order. */
const WRONG_ROWS =
  /invalid input|invalid byte|extra data|missing data|unexpected data|too long|out of range|violates (?:unique|exclusion|foreign key)|null byte|cannot be represented|literal (?:carriage return|newline)/i;

/** The server's message for a statement that it aborted to resolve a deadlock: `40P01`, which pg_restore does not print. */
const DEADLOCK = 'deadlock detected';

interface OutputEvents {
  /** Called once, with what the image lacks: continuing is then pointless. */
  lack?(lack: DrillError): void;
  /** Called by a restore with several jobs when a table's rows were loaded, or were refused, with the id of their entry. */
  rowsLoaded?(dumpId: number): void;
  /** Called with the first line of a statement that failed only because of concurrent ones. @returns whether it will run again: it is then not an error. */
  deadlock?(command: string): boolean;
}

/**
 * Reads pg_restore's `--verbose` output on stderr: the current activity, how many items are done, and its errors, each as one line without row data.
 * Errors are counted as they arrive and checked against the number that pg_restore itself reports at the end.
 */
export class RestoreOutput {
  /** Number of archive items that are done. */
  done = 0;
  /** Ids of entries in which something failed. */
  readonly failedEntries = new Set<number>();
  doing = 'reading the table of contents';
  phase: LoadPhase = 'load';
  private readonly errors: LoadErrors;
  private readonly on: OutputEvents;
  private lack: DrillError | undefined;
  private open: OpenError | undefined;
  private counted = 0;
  private isParallel = false;
  /** Errors of workers, which pg_restore announces twice: as the worker's, and as their item's. Source: mark_restore_job_done in pg_backup_archiver.c. */
  private countedInWorkers = 0;
  private announced: number | undefined;
  private damage: DrillError | undefined;
  /** Damage in a mixed line; counts only if the restore gave up without describing why. */
  private mixedDamage: DrillError | undefined;
  private fatal: string | undefined;
  private refusedRows = 0;

  constructor(errors: LoadErrors, on: OutputEvents = {}) {
    this.errors = errors;
    this.on = on;
  }

  /** Whether rows were refused that might be accepted in another order: CHECKs may call functions that read other tables. */
  get mayBeOrder(): boolean {
    return this.refusedRows > 0;
  }

  readLine(line: string): void {
    if (MAY_BE_MIXED.test(line)) this.mixedDamage ??= damageIn(line);
    const said = /^pg_restore: (?:\[[^\]]*\] )?(.*)$/.exec(line)?.[1];
    if (said === undefined) {
      if (line.startsWith('Command was: ') && this.open) this.open.command = line.slice(13);
      return;
    }
    const failed = /\bfrom TOC entry (\d+);/.exec(said)?.[1];
    if (failed !== undefined) this.failedEntries.add(Number(failed));
    const problem = /^error: (.*)$/.exec(said)?.[1];
    if (problem !== undefined) {
      this.beginError(problem);
      return;
    }
    const announced = /^warning: errors ignored on restore: (\d+)/.exec(said)?.[1];
    if (announced !== undefined) this.announced = Number(announced);
    else if (said.startsWith('warning: ')) this.warn(said.slice(9));
    else this.follow(said);
  }

  /** @returns if every error was reported; throws if the whole restore is unusable. */
  finish(exitCode: number): void {
    this.closeError();
    if (this.damage) throw this.damage;
    if (this.lack) throw this.lack;
    const unreported = (this.announced ?? 0) - this.counted - this.countedInWorkers;
    for (let more = 0; more < unreported; more += 1)
      this.errors.add('pg_restore counted an error that it did not describe');
    if (exitCode === 0) return;
    if (isKilled(exitCode))
      throw new DrillError('out-of-memory', 'pg_restore was killed, most likely for lack of memory', {
        hint: 'Raise `sandbox.memory` in the drill.',
      });
    if (this.announced === undefined) throw this.mixedDamage ?? restoreFailed(exitCode, this.fatal);
  }

  private beginError(problem: string): void {
    this.closeError();
    this.open = { message: problem, command: undefined };
    this.damage ??= damageIn(problem);
    if (/ERROR: .*(No space left on device|could not extend file)/.test(problem)) this.damage ??= diskFull(problem);
    if (!/ERROR: /.test(problem)) this.fatal ??= problem;
  }

  private closeError(): void {
    if (!this.open) return;
    const { message, command } = this.open;
    this.open = undefined;
    this.counted += 1;
    if (this.isParallel) this.countedInWorkers += 1;
    if (this.lack) return; // later errors may be a consequence of it
    const { said, isRows } = readProblem(message, command);
    if (said === DEADLOCK && !isRows && command && this.on.deadlock?.(command)) return;
    const table = /^COPY failed for table "[^"]*": /.exec(message)?.[0] ?? '';
    const finding = findingOf(said, command, table);
    if (finding.kind === 'refused' && isRows && !WRONG_ROWS.test(said)) this.refusedRows += 1;
    const lack = this.errors.report(finding);
    if (!lack) return;
    this.lack = lack;
    this.on.lack?.(lack);
  }

  private warn(warning: string): void {
    if (!warning.startsWith('errors ignored')) this.errors.warn(`pg_restore: ${withoutRowData(warning)}`);
  }

  private follow(said: string): void {
    const data = /^processing data for table "(.*)"$/.exec(said)?.[1];
    const loaded = /^finished item (\d+) TABLE DATA\b/.exec(said)?.[1];
    if (loaded) this.on.rowsLoaded?.(Number(loaded));
    if (data) this.doing = `loading ${data}`;
    const creating = /^creating (INDEX|CONSTRAINT|FK CONSTRAINT|TRIGGER|TABLE|MATERIALIZED VIEW)/.exec(said)?.[1];
    if (creating) this.doing = `creating ${PLURALS[creating] ?? 'objects'}`;
    if (data) this.phase = 'load';
    else if (creating && INDEXES.test(creating)) this.phase = 'index';
    if (/^(?:finished item|processing item|skipping item|creating|processing data)/.test(said))
      this.done += said.startsWith('finished') ? 0 : 1;
    if (/^(?:entering|finished) main parallel loop/.test(said)) {
      this.closeError();
      this.isParallel = said.startsWith('entering');
    }
    // progress means that the previous error is complete, unless these lines explain it
    if (!/^from TOC entry|^while /.test(said)) this.closeError();
  }
}

/**
 * Classifies an error of the server, as one line without row data.
 * @param command the first line of the statement. @param context precedes the message.
 */
export function findingOf(said: string, command: string | undefined, context = ''): LoadFinding {
  const kind = classifyError({ message: said, statement: command ?? '' });
  const excerpt =
    command && !/^INSERT\b/i.test(command) ? ` (${toPrintable(withoutSecrets(command).slice(0, 160))})` : '';
  return { kind, text: context + (kind === 'refused' ? withoutRowData(said) : said) + excerpt };
}

/** Comes after the data; with several jobs some data is still loading in parallel. */
const INDEXES = /^(?:INDEX|(?:FK )?CONSTRAINT)$/;
/** The server's message, extracted from pg_restore's, and whether it is about rows. */
function readProblem(message: string, command: string | undefined): { said: string; isRows: boolean } {
  const isCopy = /^COPY failed for table /.test(message);
  const said = message
    .replace(/^could not execute query: /, '')
    .replace(/^COPY failed for table "[^"]*": /, '')
    .replace(/ERROR: +/, '');
  return { said, isRows: isCopy || /^INSERT\b/i.test(command ?? '') };
}

const PLURALS: Record<string, string> = {
  INDEX: 'indexes',
  CONSTRAINT: 'keys and constraints',
  'FK CONSTRAINT': 'foreign keys',
  TRIGGER: 'triggers',
  TABLE: 'tables',
  'MATERIALIZED VIEW': 'materialized views',
};

/** Removes prefixes from a line in which two workers' prefixes may be mixed. */
function withoutPrefixes(line: string): string {
  return line.replaceAll(/(?:pg_restore|error):\s*/g, '').trim();
}

function damageIn(line: string): DrillError | undefined {
  const code = DAMAGE.find(([, pattern]) => pattern.test(line) && !/ERROR: /.test(line))?.[0];
  return code && damaged(code, withoutPrefixes(line));
}

function damaged(code: 'backup-truncated' | 'backup-corrupt', problem: string): DrillError {
  const what = code === 'backup-truncated' ? 'the archive ends too early' : 'the archive is damaged';
  return new DrillError(code, `${what}: pg_restore says “${problem}”`, {
    hint: 'Compare its size and checksum with what was written, and take a new backup.',
  });
}

function diskFull(problem: string): DrillError {
  return new DrillError('disk-full', `no space left in the sandbox: ${problem}`, {
    hint: FREE_UP_SPACE,
  });
}

function restoreFailed(exitCode: number, problem: string | undefined): DrillError {
  return new DrillError(
    'restore-failed',
    `pg_restore failed with exit code ${exitCode}${problem ? `: ${withoutRowData(problem)}` : ''}`,
    {
      hint: 'Run `pg_restore --verbose` on the archive by hand to see more.',
    },
  );
}
