import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import type { DaemonLog } from './log.ts';
import type { RaceLeg } from './queued-run.ts';
import { findBegin, raceBegunBy, runInRace, wasSkippedInRace } from './resume-race.ts';

export interface RacesDeps {
  readonly store: Pick<Store, 'findRuns' | 'findSkips'>;
  readonly log: DaemonLog;
  /** From `formatOwner`: this process, which continues its own races. */
  readonly owner: string;
  /** What triggered the drill's queued or active run; undefined: neither. */
  readonly busyWith: (drill: string) => RunRecord['trigger'] | undefined;
  /** Queues a run of the drill as part of the race. */
  readonly queue: (drill: Drill, race: RaceLeg) => void;
}

/** How many of a drill's records are searched for the wanted one. */
const RECORDS_LOOKED_AT = 10;

/** Queues the drills of a race one after the other, so that all run under the same conditions. */
export class Races {
  private readonly deps: RacesDeps;
  /** Races whose next drill is currently in a manual run, here or, until `notBefore`, in another process. */
  private readonly held: (RaceLeg & { readonly notBefore?: Date })[] = [];
  /** For which race a drill was last reported as not loaded, by the names of both. */
  private readonly reported = new Map<string, number>();
  /** Whether a run has ended that may need to be followed by another one in its race. */
  private isBehind = false;

  constructor(deps: RacesDeps) {
    this.deps = deps;
  }

  /** Continues the races that the previous scheduler left unfinished. @param isMeant selects races by the run that started them. Default: all. */
  async resume(
    drills: ReadonlyMap<string, Drill>,
    now: Date,
    isMeant: (begin: RunRecord, drill: Drill) => boolean = () => true,
  ): Promise<void> {
    for (const drill of drills.values()) {
      if (!drill.race) continue;
      const runs = await this.deps.store.findRuns({ drill: drill.name, limit: RECORDS_LOOKED_AT });
      const begin = findBegin(runs);
      if (!begin || !isMeant(begin, drill)) continue;
      const isWaitedFor = ({ endedAt, retryable }: RunRecord) => !endedAt || retryable; // its end, or its retry, goes on
      await this.goOn(raceBegunBy({ drill, runs }, now), drills, isWaitedFor);
    }
  }

  /**
   * Continues the races that waited for a manual run to end, those that another scheduler started (a stopping scheduler lets its runs finish but starts none),
   * and those whose drills are run by runners.
   * @param hasEnded whether any run has ended, in any process, or a raced one has left the queue of its pool, since the last call.
   */
  async goOnWithEnded(drills: ReadonlyMap<string, Drill>, hasEnded: boolean, now: Date): Promise<void> {
    this.isBehind ||= hasEnded;
    for (const race of [...this.held]) {
      if (race.notBefore && race.notBefore > now) continue;
      if (race.left[0] !== undefined && this.deps.busyWith(race.left[0])) continue;
      await this.goOn(race, drills);
      if (this.held.includes(race)) this.held.splice(this.held.indexOf(race), 1); // only now, so that a store that fails is asked again
    }
    if (this.isBehind) {
      const isLocal = (name: string) => drills.has(name) && drills.get(name)?.pool === undefined;
      const isElsewhere = ({ leaseOwner }: RunRecord, { name, race = [] }: Drill) =>
        leaseOwner !== this.deps.owner || ![name, ...race].every(isLocal);
      await this.resume(drills, now, isElsewhere);
    }
    this.isBehind = false;
  }

  /**
   * Queues the next drill of a race.
   * @param isWaitedFor whether to wait for a run that the drill has had since the race was due. Default: never.
   */
  async goOn(
    race: RaceLeg | undefined,
    drills: ReadonlyMap<string, Drill>,
    isWaitedFor: (run: RunRecord) => boolean = () => false,
  ): Promise<void> {
    if (!race) return;
    const { store, busyWith, queue } = this.deps;
    for (const [index, name] of race.left.entries()) {
      const drill = drills.get(name);
      const busy = busyWith(name);
      if (busy?.kind === 'hand') {
        this.hold({ ...race, left: race.left.slice(index) });
        return;
      }
      if (busy?.dueAt && busy.raceOf !== undefined && isSame({ of: busy.raceOf, dueAt: busy.dueAt }, race)) return; // its end goes on
      if (busy) continue; // it runs on its own
      if (!drill) {
        this.report(race, name);
        continue;
      }
      const run = runInRace(await store.findRuns({ drill: name, limit: RECORDS_LOOKED_AT }), race);
      if (run && isWaitedFor(run)) return;
      if (run) continue; // both are scheduled for the same time
      if (wasSkippedInRace(await store.findSkips({ drill: name, limit: RECORDS_LOOKED_AT }), race)) continue;
      return queue(drill, { ...race, left: race.left.slice(index + 1) });
    }
  }

  /** Tries a drill of a race again, which is in a run of another process: see {@link goOnWithEnded}. */
  tryAgain(drill: string, race: RaceLeg, notBefore: Date): void {
    this.hold({ ...race, left: [drill, ...race.left], notBefore });
  }

  /** Once for each race, although it is looked at whenever a run ends. */
  private report({ of, dueAt }: RaceLeg, name: string): void {
    const pair = `${of} ${name}`;
    if (this.reported.get(pair) === dueAt.getTime()) return;
    this.reported.set(pair, dueAt.getTime());
    this.deps.log.warn(`${of}: not raced with ${name}: no drill of that name is loaded`, { drill: of });
  }

  /** Replaces the held entry of the same race, if any. */
  private hold(race: Races['held'][number]): void {
    const known = this.held.findIndex((one) => isSame(one, race));
    this.held.splice(known < 0 ? this.held.length : known, 1, race);
  }
}

function isSame(a: Pick<RaceLeg, 'of' | 'dueAt'>, b: Pick<RaceLeg, 'of' | 'dueAt'>): boolean {
  return a.of === b.of && a.dueAt.getTime() === b.dueAt.getTime();
}
