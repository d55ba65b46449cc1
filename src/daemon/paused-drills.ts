import type { Drill } from '../config/drill-file.ts';
import type { Silence, SilenceStore } from '../record/silence-store.ts';
import { readSilences, withPauses } from '../status/silenced.ts';

/** The drills, with the pauses that users have set for them. */
export class PausedDrills {
  private readonly store: Pick<SilenceStore, 'findSilences'>;
  /** The silences as of the last {@link read}, and those that pause runs, as JSON. */
  private silences = '[]';
  private pauses = '[]';

  constructor(store: Pick<SilenceStore, 'findSilences'>) {
    this.store = store;
  }

  /** @returns the drills, the silences that pause runs, and whether their pauses, or any silences, differ from the last time. Throws the store's errors. */
  async read(
    drills: readonly Drill[],
    now: Date,
  ): Promise<{
    readonly drills: readonly Drill[];
    readonly silences: readonly Silence[];
    readonly areOthers: boolean;
    readonly isSaidAnew: boolean;
  }> {
    const all = await readSilences(this.store, now);
    const silences = all.filter(({ pausesRuns }) => pausesRuns);
    const said = JSON.stringify(all);
    const isSaidAnew = said !== this.silences;
    this.silences = said;
    const pauses = JSON.stringify(silences);
    const areOthers = pauses !== this.pauses;
    this.pauses = pauses;
    return { drills: drills.map((drill) => withPauses(drill, silences)), silences, areOthers, isSaidAnew };
  }
}
