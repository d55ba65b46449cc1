import { Readable } from 'node:stream';
import type { BackupContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import type { LoadOptions, LoadPhase } from '../../../engine.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import type { Tool } from '../../server/installed-tools.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';
import type { ArchiveFacts } from './archive-facts.ts';
import type { ArchiveToc, TocEntry } from './archive-toc.ts';
import type { ArchiveWork } from './archive-work.ts';
import { RestoreOutput } from './restore-output.ts';

/** An archive inside the sandbox, ready to be loaded. */
export interface StagedArchive {
  readonly facts: ArchiveFacts;
  readonly sandbox: Sandbox;
  readonly restore: Tool;
  /** The archive's path inside the sandbox: a file, or a directory. */
  readonly path: string;
  readonly toc: ArchiveToc;
  /** Bytes of rows in the archive, by entry, if known. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly createDatabase: string | undefined;
  readonly meter: BackupContent['meter'];
  /** Findings from copying the archive in, which do not affect the result. */
  readonly notes: readonly string[];
}

export const LIST_DIRECTORY = 'restore-list';

/** Writes a list as read by `pg_restore --use-list`: entry ids, each followed by a semicolon. @returns its path in the sandbox. */
async function writeList(sandbox: Sandbox, entries: readonly TocEntry[], signal: AbortSignal): Promise<string> {
  const directory = `${sandbox.paths.scratch}/${LIST_DIRECTORY}`;
  const content = Readable.from([Buffer.from(entries.map(({ dumpId }) => `${dumpId};\n`).join(''))]);
  await sandbox.writeFiles(directory, Readable.from([{ name: 'entries', sizeBytes: undefined, content }]), signal);
  return `${directory}/entries`;
}

/** The pg_restore invocations that load one archive. */
export class RestoreRun {
  private readonly staged: StagedArchive;
  private readonly server: PostgresServer;
  private readonly database: string;
  private readonly errors: LoadErrors;
  private readonly options: LoadOptions;
  /** Items of earlier invocations, and those built in parallel. */
  private done = 0;
  /** Reports how much is done if indexes are built in parallel; otherwise the number of items does. */
  work: ArchiveWork | undefined;
  /** Ids of entries in which something failed. */
  readonly failedEntries = new Set<number>();
  private last: { readonly doing: string; readonly phase: LoadPhase } = { doing: 'loading', phase: 'load' };

  constructor(
    staged: StagedArchive,
    server: PostgresServer,
    database: string,
    errors: LoadErrors,
    options: LoadOptions,
  ) {
    this.staged = staged;
    this.server = server;
    this.database = database;
    this.errors = errors;
    this.options = options;
  }

  /**
   * @param parts which entries to restore; all if omitted.
   * @param count how many entries these are; pg_restore also prints those that it skips.
   * @param onRows see {@link RestoreOutput}.
   * @returns whether rows were refused that might be accepted in another order, and the entries that were not restored at all, because parallel jobs
   * deadlocked.
   */
  async run(
    parts: readonly string[],
    count: number,
    onRows?: (dumpId: number) => void,
    jobs = this.options.jobs,
  ): Promise<{ readonly mayBeOrder: boolean; readonly deadlocked: readonly TocEntry[] }> {
    const { staged, server, database, errors } = this;
    const { signal } = this.options;
    const lacking = new AbortController();
    const deadlocked: TocEntry[] = [];
    const output = new RestoreOutput(errors, {
      lack: (lack) => lacking.abort(lack),
      rowsLoaded: (dumpId) => onRows?.(dumpId),
      deadlock: (command) => {
        const entry = jobs > 1 ? entryThatBegins(staged.toc, command) : undefined;
        if (entry) deadlocked.push(entry);
        return entry !== undefined;
      },
    });
    const argv = [
      `${staged.restore.dir}/pg_restore`,
      '--verbose',
      '--no-password',
      '--no-tablespaces', // the sandbox has none of the original's
      `--jobs=${jobs}`,
      ...parts,
      `--dbname=dbname=${quoteConninfo(database)}`,
      staged.path,
    ];
    const result = await staged.sandbox.exec(argv, {
      signal: AbortSignal.any([signal, lacking.signal]),
      env: server.toolEnvironment(),
      onStderrLine: (line) => {
        output.readLine(line);
        this.report(output.doing, Math.min(output.done, count), output.phase);
      },
    });
    if (server.serverProcess.hasEnded) throw server.serverProcess.explain('the server went away during the restore');
    output.finish(result.exitCode);
    for (const dumpId of output.failedEntries) this.failedEntries.add(dumpId);
    this.done += count;
    return { mayBeOrder: output.mayBeOrder, deadlocked };
  }

  /** Restores these entries, which come after the data. @returns those that were not restored at all, see {@link run}. */
  async runAfterData(entries: readonly TocEntry[]): Promise<readonly TocEntry[]> {
    return this.runListed(entries, ['--section=post-data'], entries.length, this.options.jobs);
  }

  /** Restores entries that were tried before, in order, with nothing in parallel. */
  async runAlone(entries: readonly TocEntry[]): Promise<void> {
    for (const { dumpId } of entries) this.failedEntries.delete(dumpId);
    await this.runListed(entries, [], 0, 1);
  }

  private async runListed(
    entries: readonly TocEntry[],
    parts: readonly string[],
    count: number,
    jobs: number,
  ): Promise<readonly TocEntry[]> {
    if (entries.length === 0) return [];
    const list = await writeList(this.staged.sandbox, entries, this.options.signal);
    const { deadlocked } = await this.run([...parts, `--use-list=${list}`], count, undefined, jobs);
    return deadlocked;
  }

  /** Reports work done in parallel with pg_restore. @param done how many entries it completed. */
  tell(doing: string, done: number): void {
    this.done += done;
    this.report(doing, 0, 'index');
  }

  /** Reports more progress of the same activity. */
  tellAgain(): void {
    this.report(this.last.doing, 0, this.last.phase);
  }

  private report(doing: string, done: number, phase: LoadPhase): void {
    this.last = { doing, phase };
    const { facts, meter } = this.staged;
    const ratio = this.work?.ratio ?? Math.min(1, (this.done + done) / Math.max(1, facts.entryCount));
    this.options.onProgress({ bytesRead: meter.bytesRead, doing, ratio, phase, covers: ['load', 'index'] });
  }
}

/**
 * @param command the first line of a statement, as pg_restore prints it: output of several workers mixes, so that an entry's number may belong to another
 * entry.
 * @returns undefined if it does not identify the entry.
 */
function entryThatBegins(toc: ArchiveToc, command: string): TocEntry | undefined {
  const [entry, ...others] = toc.entries.filter(
    ({ section, defn }) => section === 'post-data' && defn.split('\n', 1)[0] === command,
  );
  return others.length === 0 ? entry : undefined;
}

/** A database name may look like a connection string, so it is passed as one. Source: libpq's keyword/value syntax. */
function quoteConninfo(value: string): string {
  return `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
}
