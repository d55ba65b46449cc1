import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { MeasuredValue, PastCheck, PastCheckFilter } from '../record/check-record.ts';

/** Finds results of a drill's checks in its last good runs. */
export type FindPast = (filter: Omit<PastCheckFilter, 'drill' | 'takenUntil'>) => Promise<readonly PastCheck[]>;

/** Identifies a check and what it asks of the data. */
export interface Asked {
  /** The check's name. */
  readonly check: string;
  /** See {@link hashQuestion}; undefined for a check that compares with nothing. */
  readonly question: string | undefined;
}

/** Results of a check in the last good runs. */
export interface CheckHistory {
  /** Newest backup first, one result per run. Read page by page, so stop iterating when you have enough. */
  all(): AsyncIterable<PastCheck>;
  /** The first `limit` of them. */
  previous(limit: number): Promise<readonly PastCheck[]>;
}

/** One result may hold the counts of 5,000 tables: 0.3 MB. */
const PER_PAGE = 8;

/**
 * Defines what a check is compared with: earlier results that answer the same question. A check that is renamed, or given other limits, keeps its history; one
 * that asks something else starts a new one, and says so. Results from before questions were recorded are matched by their check's name.
 */
export function openCheckHistory(
  { check, question }: Asked,
  { findPast, onWarning }: { readonly findPast: FindPast; readonly onWarning: (warning: string) => void },
): CheckHistory {
  async function* all(): AsyncIterable<PastCheck> {
    if (question === undefined) throw new TypeError(`${check} does not say what it asks, so it has no history`);
    let after: PastCheck | undefined;
    for (let limit = 1; ; limit = PER_PAGE) {
      const page = await findPast({ check, question, after, limit });
      for (const [index, past] of page.entries()) if (past.runId !== page[index - 1]?.runId) yield past;
      if (!after && page.length === 0) await warnOfChange();
      after = page.at(-1);
      if (page.length < limit) return;
      await setImmediate(); // lets other work of the process continue between pages
    }
  }
  async function warnOfChange(): Promise<void> {
    const [other] = await findPast({ check, question: undefined, limit: 1 });
    if (other) onWarning(`has changed since run ${other.runId} and is not compared with earlier runs`);
  }
  return {
    all,
    async previous(limit) {
      const found: PastCheck[] = [];
      if (limit > 0) {
        for await (const past of all()) if (found.push(past) >= limit) break;
      }
      return found;
    },
  };
}

/** A hash, because a query may hold text that must not be stored. @param asked in JSON */
export function hashQuestion(kind: string, asked: MeasuredValue): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, asked]))
    .digest('hex')
    .slice(0, 16);
}
