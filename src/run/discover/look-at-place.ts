import { ListingFold } from '../../backup/discovery/listing-fold.ts';
import type { Recognised } from '../../backup/discovery/recognise.ts';
import { groupSeries, type Series } from '../../backup/discovery/series.ts';
import type { BackupSource } from '../../backup/source.ts';
import { formatCount } from '../../support/quantities.ts';
import type { LookContext } from './look-context.ts';
import { type PlaceState, readState, saveState } from './progress-state.ts';
import { readContents } from './read-contents.ts';
import type { SourceBudget } from './request-budget.ts';

/** How often the state of a listing is saved, so that a killed process can resume it. */
const TOLD_EVERY_KEYS = 1000;
const SAVE_EVERY_KEYS = 25_000;

export interface PlaceLook {
  readonly series: readonly { readonly series: Series; readonly content: Recognised }[];
  readonly keys: number;
  /** Where the scan stopped because its budget was spent; undefined: it is complete. */
  readonly stopped: 'listing' | 'reading' | undefined;
}

/**
 * Lists a place and recognises the newest backup of each series in it. Resumes where an earlier scan stopped, and saves a state for the next one when it is
 * interrupted or its budget is spent. Series are returned only for a complete listing, because the newest backup may be the last key. Those not read yet are
 * omitted, because most files are not backups.
 * @param address identifies the state. @throws what the source and the store throw, and the signal's reason.
 */
export async function lookAtPlace(
  source: BackupSource,
  address: string,
  budget: SourceBudget,
  ctx: LookContext,
): Promise<PlaceLook> {
  const { store, clock, engines } = ctx;
  const state = await readState(store, address, clock.now());
  const listing = await list(source, address, { state, budget }, ctx);
  const { fold, startedAt } = listing;
  if (!listing.isWhole) return { series: [], keys: fold.count, stopped: 'listing' };
  const layouts = engines[0]?.layouts ?? [];
  const all = groupSeries(fold, { prefix: source.prefix, layouts, now: startedAt });
  const save = (contents: PlaceState['contents'], isDone: boolean): Promise<void> => {
    const kept = { startedAt: startedAt.toISOString(), isWhole: true, fold: fold.save() };
    return saveState(store, address, { listing: isDone ? undefined : kept, contents }, clock.now());
  };
  const { contents, isWhole } = await readContents(
    source,
    all,
    { budget, known: state.contents, save, keys: fold.count },
    ctx,
  );
  const series = all.flatMap((one) => {
    const content = contents.get(one);
    return content ? [{ series: one, content }] : [];
  });
  return { series, keys: fold.count, stopped: isWhole ? undefined : 'reading' };
}

interface Listing {
  readonly fold: ListingFold;
  readonly startedAt: Date;
  readonly isWhole: boolean;
}

async function list(
  source: BackupSource,
  address: string,
  { state, budget }: { readonly state: PlaceState; readonly budget: SourceBudget },
  { store, clock, signal, onProgress }: LookContext,
): Promise<Listing> {
  const before = source.listAfter || state.listing?.isWhole ? state.listing : undefined;
  const startedAt = before ? new Date(before.startedAt) : clock.now();
  const fold = before
    ? ListingFold.resume(source.prefix, startedAt, before.fold)
    : new ListingFold(source.prefix, startedAt);
  if (before?.isWhole) return { fold, startedAt, isWhole: true };
  const resumedAt = fold.count;
  const save = (): Promise<void> => {
    const listing = { startedAt: startedAt.toISOString(), isWhole: false, fold: fold.save() };
    return saveState(store, address, { ...state, listing }, clock.now());
  };
  onProgress(`listing ${source.description}`);
  const keys = fold.after === undefined ? source.list(signal) : source.listAfter?.(fold.after, signal);
  try {
    for await (const object of keys ?? []) {
      if (!budget.note(source.requestCount?.(), fold.count - resumedAt)) {
        await save();
        return { fold, startedAt, isWhole: false };
      }
      fold.add(object);
      if (fold.count % TOLD_EVERY_KEYS === 0)
        onProgress(`listing ${source.description}: ${formatCount(fold.count)} files`);
      if (fold.count % SAVE_EVERY_KEYS > 0) continue;
      if (source.listAfter) await save();
    }
  } catch (thrown) {
    if (source.listAfter && fold.after !== undefined) await save();
    throw thrown;
  }
  budget.note(source.requestCount?.(), fold.count - resumedAt);
  return { fold, startedAt, isWhole: true };
}
