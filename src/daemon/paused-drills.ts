import type { Drill } from '../config/drill-file.ts';
import type { SilenceStore } from '../record/silence-store.ts';
import { readSilences, withPauses } from '../status/silenced.ts';

/** The drills with the pauses that people have set for them. */
export class PausedDrills {
  private readonly store: Pick<SilenceStore, 'findSilences'>;
  /** The pauses of the last {@link read}, as JSON. */
  private pauses = '[]';

  constructor(store: Pick<SilenceStore, 'findSilences'>) {
    this.store = store;
  }

  /** @returns the drills, and whether their pauses differ from the last time. Throws what the store throws. */
  async read(drills: readonly Drill[], now: Date): Promise<{ drills: readonly Drill[]; areOthers: boolean }> {
    const silences = (await readSilences(this.store, now)).filter(({ pausesRuns }) => pausesRuns);
    const pauses = JSON.stringify(silences);
    const areOthers = pauses !== this.pauses;
    this.pauses = pauses;
    return { drills: drills.map((drill) => withPauses(drill, silences)), areOthers };
  }
}
