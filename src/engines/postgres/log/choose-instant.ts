import { DrillError } from '../../../support/errors.ts';
import { dumpLog, type LogPart } from './dump-log.ts';
import { readCommit } from './find-boundary.ts';
import { parseLsn, readLogLine } from './log-line.ts';

/** The part of pg_waldump's output that {@link CommitRange} reads, for grep -E. */
export const COMMIT_LINES = '^rmgr: (Transaction .*COMMIT|XLOG .*BACKUP_END|Database .*DROP)';

/** From one instant (inclusive) to another (exclusive). */
interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * The range of instants to which a server can recover: from the first commit after the backup's end to the last in the log. Excludes instants at which the next
 * commit is that of a DROP DATABASE: its files are removed before it commits, so a recovery by time loses them.
 */
export class CommitRange {
  readonly #startsAt: number;
  readonly #consistentAt: number;
  #first: Date | undefined;
  #last: Date | undefined;
  readonly #dropping = new Set<string>();
  readonly #dropped: Window[] = [];

  /** @param startLsn where the backup started. @param consistentLsn where it ends, for a backup from a standby: it writes no record of that. */
  constructor(startLsn: string, consistentLsn = '0/0') {
    this.#startsAt = parseLsn(startLsn);
    this.#consistentAt = parseLsn(consistentLsn);
  }

  readLine(text: string): void {
    const line = readLogLine(text);
    if (line?.manager === 'Database') this.#dropping.add(line.xid);
    const backup = /^BACKUP_END ([0-9A-F]+\/[0-9A-F]+)/.exec(line?.description ?? '')?.[1];
    // no earlier state is consistent; the record names where the backup started, and other backups may end in this log
    if (backup !== undefined && parseLsn(backup) === this.#startsAt) this.#first = undefined;
    for (const { at, position } of readCommit(text)) {
      if (parseLsn(position) < this.#consistentAt) continue;
      if (line && this.#dropping.delete(line.xid))
        this.#dropped.push({ from: this.#last?.getTime() ?? Number.NEGATIVE_INFINITY, to: at.getTime() });
      this.#first ??= at;
      this.#last = at;
    }
  }

  /**
   * @param share from 0 to 1. @returns an instant before the last commit, so that there is always one that is not replayed.
   * @throws DrillError `target-not-reached` if no transaction committed in the range.
   */
  choose({ notBefore, share }: { readonly notBefore: Date; readonly share: number }): Date {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined || last <= notBefore) {
      throw new DrillError('target-not-reached', 'no transaction committed within that time and since the backup', {
        hint: 'Use a longer time, or an older backup (`select: random 7d`); and check that the log is still archived.',
      });
    }
    const from = Math.max(first.getTime(), notBefore.getTime());
    const until = Math.max(from, last.getTime() - 1);
    const drawn = Math.min(from + Math.floor(share * (until - from + 1)), until);
    return new Date(this.#outsideDrops(drawn, { from, to: until }));
  }

  /** The nearest allowed instant after it, otherwise before it. */
  #outsideDrops(drawn: number, { from, to }: Window): number {
    const windowAt = (ms: number) => this.#dropped.find((one) => one.from <= ms && ms < one.to);
    let later = drawn;
    for (let within = windowAt(later); within; within = windowAt(later)) later = within.to;
    if (later <= to) return later;
    let earlier = drawn;
    for (let within = windowAt(earlier); within && earlier >= from; within = windowAt(earlier))
      earlier = within.from - 1;
    if (earlier >= from) return earlier;
    throw new DrillError(
      'target-not-reached',
      'each instant within that time is one at which a database was being dropped',
      {
        hint: 'Use a longer time, or an older backup (`select: random 7d`).',
      },
    );
  }
}

/** @throws DrillError what `dumpLog` throws, `target-not-reached`. */
export async function chooseInstant(
  part: LogPart,
  target: { readonly notBefore: Date; readonly share: number },
  signal: AbortSignal,
): Promise<Date> {
  const range = new CommitRange(part.startLsn, await readConsistentLsn(part, signal));
  await dumpLog(part, COMMIT_LINES, (line) => range.readLine(line), signal);
  return range.choose(target);
}

/** The position to which the data directory must at least be replayed. @returns undefined if it does not state one, or if the sandbox has no pg_controldata. */
async function readConsistentLsn({ sandbox, binDir }: LogPart, signal: AbortSignal): Promise<string | undefined> {
  const argv = ['sh', '-c', 'exec "$1/pg_controldata" "$2"', 'control', binDir, sandbox.paths.data];
  const { stdout, exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  return exitCode === 0 ? readMinimumEnd(stdout) : undefined;
}

/** @param text output of pg_controldata. */
export function readMinimumEnd(text: string): string | undefined {
  return /^Minimum recovery ending location: +([0-9A-F]+\/[0-9A-F]+)$/m.exec(text)?.[1];
}
