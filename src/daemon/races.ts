import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import type { DaemonLog } from './log.ts';
import type { RaceLeg } from './queued-run.ts';
import { raceBegunBy, runInRace, wasSkippedInRace } from './resume-race.ts';

export interface RacesDeps {
  readonly store: Pick<Store, 'findRuns' | 'findSkips'>;
  readonly log: DaemonLog;
  /** What the drill is queued or running for; undefined: neither. */
  readonly busyWith: (drill: string) => RunRecord['trigger'] | undefined;
  /** Queues a run of the drill in the race. */
  readonly queue: (drill: Drill, race: RaceLeg) => void;
}

/** So many records of a drill are looked through for the one that is wanted. */
const RECORDS_LOOKED_AT = 10;

/** Queues the drills of a race one after the other, so that all run under the same conditions. */
export class Races {
  private readonly deps: RacesDeps;
  /** Races whose next drill is running by hand. */
  private readonly held: RaceLeg[] = [];

  constructor(deps: RacesDeps) {
    this.deps = deps;
  }

  /** Goes on with the races that the scheduler before this one left unfinished. */
  async resume(drills: readonly Drill[], now: Date): Promise<void> {
    for (const drill of drills) {
      if (!drill.race) continue;
      const runs = await this.deps.store.findRuns({ drill: drill.name, limit: RECORDS_LOOKED_AT });
      const isWaitedFor = ({ endedAt, retryable }: RunRecord) => !endedAt || retryable; // its end, or its retry, goes on
      await this.goOn(raceBegunBy({ drill, runs }, now), drills, isWaitedFor);
    }
  }

  /** Goes on with the races that waited for a run by hand which has ended. */
  async goOnWithHeld(drills: readonly Drill[]): Promise<void> {
    for (const race of [...this.held]) {
      if (race.left[0] !== undefined && this.deps.busyWith(race.left[0])) continue;
      await this.goOn(race, drills);
      this.held.splice(this.held.indexOf(race), 1); // only now, so that a store that fails is asked again
    }
  }

  /**
   * Queues the next drill of a race.
   * @param isWaitedFor of a run that the drill has had since the race was due. Default: none is.
   */
  async goOn(
    race: RaceLeg | undefined,
    drills: readonly Drill[],
    isWaitedFor: (run: RunRecord) => boolean = () => false,
  ): Promise<void> {
    if (!race) return;
    const { store, log, busyWith, queue } = this.deps;
    for (const [index, name] of race.left.entries()) {
      const drill = drills.find((one) => one.name === name);
      const busy = busyWith(name);
      if (busy?.kind === 'hand') {
        this.held.push({ ...race, left: race.left.slice(index) });
        return;
      }
      if (busy) continue; // it runs on its own
      if (!drill) {
        log.warn(`${race.of}: not raced with ${name}: no drill of that name is loaded`, { drill: race.of });
        continue;
      }
      const run = runInRace(await store.findRuns({ drill: name, limit: RECORDS_LOOKED_AT }), race);
      if (run && isWaitedFor(run)) return;
      if (run) continue; // both are scheduled for the same time
      if (wasSkippedInRace(await store.findSkips({ drill: name, limit: RECORDS_LOOKED_AT }), race)) continue;
      return queue(drill, { ...race, left: race.left.slice(index + 1) });
    }
  }
}
