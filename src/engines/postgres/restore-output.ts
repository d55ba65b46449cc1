import { DrillError } from '../../support/errors.ts';
import type { LoadPhase } from '../engine.ts';
import { type LoadErrors, withoutRowData } from '../load-errors.ts';

/** One error of pg_restore, as its lines come. */
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

/** Settings that pg_dump or pg_restore of a newer version writes and an older server does not know: nothing is lost by them. */
const NEWER_SETTING =
  /unrecognized configuration parameter "(?:transaction_timeout|default_table_access_method|idle_in_transaction_session_timeout|lock_timeout|row_security|xmloption)"/;

/**
 * Reads what `pg_restore --verbose` says on stderr: what it is doing, how many items are done, and its errors, each as one line without row data.
 * Errors are counted as they come and checked against the number that pg_restore itself gives at the end.
 */
export class RestoreOutput {
  /** Items of the archive that are done. */
  done = 0;
  doing = 'reading the table of contents';
  phase: LoadPhase = 'load';
  private readonly errors: LoadErrors;
  private open: OpenError | undefined;
  private counted = 0;
  private announced: number | undefined;
  private damage: DrillError | undefined;
  private fatal: string | undefined;

  constructor(errors: LoadErrors) {
    this.errors = errors;
  }

  readLine(line: string): void {
    const said = /^pg_restore: (?:\[[^\]]*\] )?(.*)$/.exec(line)?.[1];
    if (said === undefined) {
      if (line.startsWith('Command was: ') && this.open) this.open.command = line.slice(13);
      return;
    }
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

  /** @returns nothing when all is told; throws what makes the whole restore pointless. */
  finish(exitCode: number): void {
    this.closeError();
    if (this.damage) throw this.damage;
    const untold = (this.announced ?? 0) - this.counted;
    for (let more = 0; more < untold; more += 1)
      this.errors.add('pg_restore counted an error that it did not describe');
    if (exitCode === 0) return;
    if (exitCode === 137)
      throw new DrillError('out-of-memory', 'pg_restore was killed, most likely for lack of memory', {
        hint: 'Raise `sandbox.memory` in the drill.',
      });
    if (this.announced === undefined) throw restoreFailed(exitCode, this.fatal);
  }

  private beginError(problem: string): void {
    this.closeError();
    this.open = { message: problem, command: undefined };
    const code = DAMAGE.find(([, pattern]) => pattern.test(problem) && !/ERROR: /.test(problem))?.[0];
    if (code) this.damage ??= damaged(code, problem);
    if (/ERROR: .*(No space left on device|could not extend file)/.test(problem)) this.damage ??= diskFull(problem);
    if (!/ERROR: /.test(problem)) this.fatal ??= problem;
  }

  private closeError(): void {
    if (!this.open) return;
    const { message, command } = this.open;
    this.open = undefined;
    if (NEWER_SETTING.test(message)) {
      this.counted += 1;
      this.errors.warn(`ignored: ${message.replace(/^could not execute query: ERROR: +/, '')}`);
      return;
    }
    this.counted += 1;
    const excerpt = command && !/^INSERT\b/i.test(command) ? ` (${command.slice(0, 160)})` : '';
    this.errors.add(
      withoutRowData(message.replace(/^could not execute query: /, '').replace(/ERROR: +/, '')) + excerpt,
    );
  }

  private warn(warning: string): void {
    if (!warning.startsWith('errors ignored')) this.errors.warn(`pg_restore: ${withoutRowData(warning)}`);
  }

  private follow(said: string): void {
    const data = /^processing data for table "(.*)"$/.exec(said)?.[1];
    if (data) this.doing = `loading ${data}`;
    const creating = /^creating (INDEX|CONSTRAINT|FK CONSTRAINT|TRIGGER|TABLE|MATERIALIZED VIEW)/.exec(said)?.[1];
    if (creating) this.doing = `creating ${PLURALS[creating] ?? 'objects'}`;
    if (data) this.phase = 'load';
    else if (creating && INDEXES.test(creating)) this.phase = 'index';
    if (/^(?:finished item|processing item|skipping item|creating|processing data)/.test(said))
      this.done += said.startsWith('finished') ? 0 : 1;
    // progress means that the error before is complete, unless these lines explain it
    if (!/^from TOC entry|^while /.test(said)) this.closeError();
  }
}

/** After the data; with several jobs some of it goes on beside. */
const INDEXES = /^(?:INDEX|(?:FK )?CONSTRAINT)$/;

const PLURALS: Record<string, string> = {
  INDEX: 'indexes',
  CONSTRAINT: 'keys and constraints',
  'FK CONSTRAINT': 'foreign keys',
  TRIGGER: 'triggers',
  TABLE: 'tables',
  'MATERIALIZED VIEW': 'materialized views',
};

function damaged(code: 'backup-truncated' | 'backup-corrupt', problem: string): DrillError {
  const what = code === 'backup-truncated' ? 'the archive ends too early' : 'the archive is damaged';
  return new DrillError(code, `${what}: pg_restore says “${problem}”`, {
    hint: 'Compare its size and checksum with what was written, and take a new backup.',
  });
}

function diskFull(problem: string): DrillError {
  return new DrillError('disk-full', `no space left in the sandbox: ${problem}`, {
    hint: 'Free space where the sandbox’s data lies, or choose `sandbox.storage: volume` if it is tmpfs now.',
  });
}

function restoreFailed(exitCode: number, problem: string | undefined): DrillError {
  return new DrillError(
    'restore-failed',
    `pg_restore gave up with exit code ${exitCode}${problem ? `: ${withoutRowData(problem)}` : ''}`,
    {
      hint: 'Run it by hand on the archive to see more: `pg_restore --verbose --dbname=scratch FILE`.',
    },
  );
}
