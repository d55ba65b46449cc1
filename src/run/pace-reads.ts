import type { BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import { readsFrom } from '../config/reads-from.ts';
import { countReaders } from '../record/run-limits.ts';
import { asDrillError } from '../support/errors.ts';
import { describeShare, type ReadingShare } from '../support/reading.ts';
import type { ClaimedRun } from './claimed-run.ts';
import type { DrillServices } from './contract.ts';
import { ReadingPace, ratesOf, smallestShare } from './reading-pace.ts';

/** Each time, the store is queried for the sources of all runs in progress. */
const DIVIDE_EVERY_MS = 30_000;

/**
 * Limits the run's reads to its share of its sources' rate limits for as long as the run lasts. The share follows the number of runs in progress.
 * @returns a wrapper for sources; it returns them unchanged if none has a limit. Throws what the store throws.
 */
export async function paceReads(
  run: ClaimedRun,
  { store, clock, limits }: Pick<DrillServices, 'store' | 'clock' | 'limits'>,
): Promise<(source: BackupSource) => BackupSource> {
  const sources = run.claimed.readsFrom ?? [];
  const rates = ratesOf(limits.rates, sources);
  if (rates.length === 0) return (source) => source;
  const pace = new ReadingPace(rates, clock);
  run.handles.pace = pace;
  let told = '';
  const say = (level: 'info' | 'warn', message: string) => {
    run.log.add(level, message);
    run.facts.emit({ type: 'log', level, message });
  };
  const divide = async () => {
    pace.divide(await store.findReading());
    const share = pace.shareOf(sources);
    const text = share ? `reads at most ${describeShare(share)}` : '';
    if (text !== told) say('info', text);
    told = text;
  };
  await divide();
  const timer = setInterval(() => {
    divide().catch((thrown: unknown) => {
      say('warn', `the share of the source's limit stays as it was: ${asDrillError(thrown).message}`);
    });
  }, DIVIDE_EVERY_MS);
  timer.unref();
  run.resources.add({ close: () => clearInterval(timer) });
  return (source) => pace.apply(source);
}

/** The share that a run starting now would have; undefined: its sources have no limit. Throws what the store throws. */
export async function nextShare(
  drill: Drill,
  { store, limits }: Pick<DrillServices, 'store' | 'limits'>,
): Promise<ReadingShare | undefined> {
  const sources = readsFrom(drill);
  if (ratesOf(limits.rates, sources).length === 0) return undefined;
  const running = await store.findReading();
  return smallestShare(limits.rates, sources, ({ of }) => countReaders(running, of) + 1);
}
