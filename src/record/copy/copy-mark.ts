import { DrillError } from '../../support/errors.ts';
import { formatInstant } from '../../support/instants.ts';
import { formatCount } from '../../support/quantities.ts';
import { COPIED_TABLES } from './copied-tables.ts';
import type { Cell, CopyDatabase } from './copy-database.ts';
import { requireWholeCopy } from './unfinished-copy.ts';

/** The last row copied; updated in the transaction that copies rows. */
export interface CopyMark {
  /** undefined: none yet. */
  readonly table: string | undefined;
  readonly key: readonly Cell[] | undefined;
}

/**
 * Starts a copy, or finds an interrupted one of the same source. Throws `usage` when the target already has history, `store-incomplete` when it contains an
 * unfinished copy of another source.
 */
export async function openMark(
  target: CopyDatabase,
  source: string,
  now: Date,
): Promise<{ readonly mark: CopyMark; readonly isContinued: boolean }> {
  const select = `select source, last_table, last_key, ended_at from ${target.table('store_copy')}`;
  const [known] = await target.query(select);
  if (!known) {
    await target.transaction(true, async () => {
      await requireEmpty(target);
      const insert = `insert into ${target.table('store_copy')} (id, source, started_at) values (1, ?, ?)`;
      await target.query(insert, [source, now.toISOString()]);
    });
    return { mark: { table: undefined, key: undefined }, isContinued: false };
  }
  const [from, table, key, endedAt] = known;
  if (typeof endedAt === 'string') {
    throw new DrillError(
      'usage',
      `the store ${target.label} already holds a copy of ${from}, made on ${formatInstant(new Date(endedAt))}`,
      { hint: ELSEWHERE },
    );
  }
  if (from !== source) requireWholeCopy(target.label, from);
  return {
    mark: {
      table: typeof table === 'string' ? table : undefined,
      key: typeof key === 'string' ? (JSON.parse(key) as Cell[]) : undefined,
    },
    isContinued: true,
  };
}

/** Within a transaction. Throws `store-failed` when another process has updated it. */
export async function moveMark(target: CopyDatabase, from: CopyMark, to: CopyMark): Promise<void> {
  const moved = await target.query(
    `update ${target.table('store_copy')} set last_table = ?, last_key = ?
     where ended_at is null and coalesce(last_table, '') = ? and coalesce(last_key, '') = ? returning id`,
    [
      to.table ?? null,
      JSON.stringify(to.key),
      from.table ?? '',
      from.key === undefined ? '' : JSON.stringify(from.key),
    ],
  );
  if (moved.length > 0) return;
  throw new DrillError('store-failed', `another process is copying into ${target.label}`, {
    hint: 'Let it finish.',
  });
}

/** From now on, the store may be used. */
export async function endCopy(target: CopyDatabase, now: Date): Promise<void> {
  await target.transaction(true, async () => {
    const end = `update ${target.table('store_copy')} set last_table = null, last_key = null, ended_at = ?`;
    await target.query(end, [now.toISOString()]);
  });
}

async function requireEmpty(target: CopyDatabase): Promise<void> {
  for (const { name } of COPIED_TABLES) {
    const found = await target.query(`select 1 from ${target.table(name)} limit 1`);
    if (found.length === 0) continue;
    const [[count] = []] = await target.query(`select count(*) from ${target.table('run')}`);
    const runs = Number(count);
    throw new DrillError(
      'usage',
      `the store ${target.label} is not empty: it holds ${formatCount(runs)} ${runs === 1 ? 'run' : 'runs'}${runs === 0 ? `, but rows in ${name}` : ''}`,
      { hint: ELSEWHERE },
    );
  }
}

const ELSEWHERE =
  'Copy into an empty store: a new file, or another schema with `schema=NAME` in the URL. Histories are not merged.';
