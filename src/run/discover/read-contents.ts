import { type Recognised, recognise, unreadable } from '../../backup/discovery/recognise.ts';
import type { Series } from '../../backup/discovery/series.ts';
import { groupOf } from '../../backup/discovery/series-names.ts';
import type { Candidate } from '../../backup/selection/candidates.ts';
import type { BackupSource } from '../../backup/source.ts';
import { formatCount } from '../../support/quantities.ts';
import type { LookContext } from './look-context.ts';
import { contentKey, type PlaceState } from './progress-state.ts';
import type { SourceBudget } from './request-budget.ts';

/** A dump of several databases names them throughout its length; larger dumps are not read for that. */
const MAX_WHOLE_BYTES = 2 * 2 ** 30;
/**
 * How many files with similar names (same folder and ending) are sampled: if none of them is a backup, the rest are read last, and are assumed not to be
 * backups without any request.
 */
const SAMPLE = 20;
/** If the newest file is not a backup, this many before it are read: an error page may have been saved in place of the backup. */
const OLDER = 2;
const SAVE_EVERY_READS = 50;
/** Endings that no backup tool uses: read last. */
const UNLIKELY = /\.(?:jpe?g|png|gif|webp|svg|ico|css|m?js|html?|woff2?|mp[34]|pdf|map|md)$/i;

interface Reading {
  readonly budget: SourceBudget;
  /** From earlier scans. */
  readonly known: PlaceState['contents'];
  /** Number of keys listed. */
  readonly keys: number;
  readonly save: (contents: PlaceState['contents'], isDone: boolean) => Promise<void>;
}

export interface Contents {
  readonly contents: ReadonlyMap<Series, Recognised>;
  /** False: the budget was spent. */
  readonly isWhole: boolean;
}

/** Recognises the newest backup of each series. A backup that was read before and has not changed is not read again. */
export async function readContents(
  source: BackupSource,
  all: readonly Series[],
  { budget, known, keys, save }: Reading,
  { engines, signal, onProgress }: LookContext,
): Promise<Contents> {
  const options = { engines, signal, maxWholeBytes: MAX_WHOLE_BYTES };
  const contents = new Map<Series, Recognised>();
  const seen: Record<string, Recognised> = {};
  const sample = new Samples();
  let reads = 0;
  const read = async (candidate: Candidate): Promise<Recognised> => {
    const key = contentKey(candidate);
    const content = known[key] ?? (await recognise(source, candidate, options));
    if (content.isUnread !== true) seen[key] = content;
    reads += known[key] ? 0 : 1;
    onProgress(
      `reading the newest backups of ${source.description}: ${formatCount(contents.size)} of ${formatCount(all.length)} series`,
    );
    if (known[key] === undefined && reads % SAVE_EVERY_READS === 0) {
      await save({ ...known, ...seen }, false);
    }
    return content;
  };
  const likely = all.toSorted((a, b) => Number(isUnlikely(a)) - Number(isUnlikely(b)));
  const readAll = async (wanted: readonly Series[], isLast: boolean): Promise<'done' | 'spent'> => {
    for (const series of wanted) {
      if (!isLast && sample.isHopeless(series)) continue;
      if (series.isCut) contents.set(series, unreadable('not read: it has too many files'));
      else if (budget.left === 0 && !known[contentKey(series.newest)]) return 'spent';
      else contents.set(series, await readNewest(series, read));
      sample.note(series, contents.get(series) ?? NO_BACKUP);
      budget.note(source.requestCount?.(), keys + reads * 1000);
    }
    return 'done';
  };
  try {
    if ((await readAll(likely, false)) === 'spent') {
      await save({ ...known, ...seen }, false);
      return { contents, isWhole: false };
    }
    await readAll(
      likely.filter((series) => !contents.has(series)),
      true,
    );
    for (const series of all) if (!contents.has(series)) contents.set(series, NO_BACKUP);
  } catch (thrown) {
    await save({ ...known, ...seen }, false);
    throw thrown;
  }
  await save(seen, true);
  return { contents, isWhole: true };
}

const NO_BACKUP: Recognised = { kind: 'no-backup', what: 'not a backup', databases: [] };

async function readNewest(
  { newest, members, intervalMs, isJoined }: Series,
  read: (candidate: Candidate) => Promise<Recognised>,
): Promise<Recognised> {
  const content = await read(newest);
  if (content.kind !== 'no-backup' || (intervalMs === undefined && !isJoined)) return content;
  for (const older of members.slice(1, 1 + OLDER)) {
    const before = await read(older);
    if (before.kind === 'backup' || before.kind === 'encrypted')
      return { ...unreadable(`the newest is not a backup; earlier ones: ${before.what}`), engine: before.engine };
  }
  return content;
}

function isUnlikely({ newest }: Series): boolean {
  return UNLIKELY.test(newest.name);
}

/** What the first files of each folder and ending turned out to be. */
class Samples {
  readonly #found = new Map<string, { read: number; backups: number }>();

  note(series: Series, { kind }: Recognised): void {
    const group = this.#of(series);
    group.read += 1;
    if (kind !== 'no-backup') group.backups += 1;
  }

  isHopeless(series: Series): boolean {
    const { read, backups } = this.#of(series);
    return read >= SAMPLE && backups === 0;
  }

  #of({ match }: Series): { read: number; backups: number } {
    const key = groupOf(match);
    const found = this.#found.get(key) ?? { read: 0, backups: 0 };
    this.#found.set(key, found);
    return found;
  }
}
