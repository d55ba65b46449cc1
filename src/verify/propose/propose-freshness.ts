import type { Catalog } from '../../engines/catalog.ts';
import { asDrillError } from '../../support/errors.ts';
import type { FreshnessCheck } from '../kinds/freshness/freshness-check.ts';
import { type RunChecksOptions, runChecks } from '../run-checks.ts';
import type { SessionPool } from '../session-pool.ts';
import type { CheckDraft, CountedTable } from './drafts.ts';

/** What is needed to try out a check. */
export type TrialContext = Omit<RunChecksOptions, 'onCheck' | 'onWarning' | 'findPast' | 'snapshots'>;

interface Candidates {
  readonly catalog: Catalog;
  /** Largest first. */
  readonly tables: readonly CountedTable[];
  readonly database: string | undefined;
}

const HOUR_MS = 3_600_000;
/** The shortest that fits with some margin is proposed; data older than the last one allows is not live. */
const LIMITS: readonly { readonly text: string; readonly ms: number }[] = [
  { text: '26h', ms: 26 * HOUR_MS },
  { text: '3d', ms: 3 * 24 * HOUR_MS },
  { text: '11d', ms: 11 * 24 * HOUR_MS },
];
/** Factor by which the newest value may be older in a later backup before the check fails. */
const MARGIN = 1.5;
/** Trying a column may scan its whole table. */
const MAX_COLUMNS = 20;
const MAX_PROPOSED = 2;

/** Whether a drill file may contain this name: it is one line, and does not look like a variable. */
export function isUsable(name: string): boolean {
  return !/[\r\n]|\$\{/.test(name);
}

/** Finds columns whose newest value is recent relative to the backup, by running the check itself. */
export async function proposeFreshness(
  pool: SessionPool,
  { catalog, tables, database }: Candidates,
  context: TrialContext,
): Promise<readonly CheckDraft[]> {
  const columns = await catalog.columns();
  const candidates = tables
    .flatMap(({ table, shown }) =>
      columns
        .filter(
          ({ table: of, time, name }) =>
            of.schema === table.schema &&
            of.name === table.name &&
            time !== undefined &&
            time !== 'date' &&
            isUsable(name) &&
            !name.includes('.'),
        )
        .map(({ name }) => `${shown}.${name}`),
    )
    .slice(0, MAX_COLUMNS);
  const found: CheckDraft[] = [];
  for (const { text, ms } of LIMITS) {
    for (const column of candidates) {
      if (found.length >= MAX_PROPOSED) return found;
      const [table = ''] = column.split(/\.(?=[^.]*$)/);
      if (found.some(({ freshness }) => String(freshness).startsWith(`${table}.`))) continue;
      if (await passes(pool, toCheck(column, Math.floor(ms / MARGIN), database), context))
        found.push({ name: `${table} is recent`, freshness: column, within: text });
    }
    if (found.length > 0) return found;
  }
  return found;
}

function toCheck(column: string, withinMs: number, database: string | undefined): FreshnessCheck {
  return {
    kind: 'freshness',
    name: column,
    column,
    withinMs,
    aheadMs: 10 * 60_000,
    timezone: 'UTC',
    unit: undefined,
    database,
    timeoutMs: 5 * 60_000,
  };
}

/** A column that the check cannot read is not a candidate. */
async function passes(pool: SessionPool, check: FreshnessCheck, context: TrialContext): Promise<boolean> {
  const snapshots = { keep: async () => '', read: async () => undefined };
  try {
    const [record] = await runChecks(pool, [check], { ...context, snapshots, findPast: async () => [] });
    return record?.passed === true;
  } catch (thrown) {
    context.signal.throwIfAborted();
    if (asDrillError(thrown, 'verify').code === 'server-failed') throw thrown;
    return false;
  }
}
