import { hasCron, makeTimetable, nextStart } from '../schedule/timetable.ts';
import type { DrillFacts } from './facts.ts';

type Drill = DrillFacts['drill'];

/** When drills run next. Each result is cached until that time: with very many schedules, evaluating all of them at every scrape takes seconds. */
export class NextRuns {
  readonly #found = new WeakMap<Drill, Date>();

  /** @returns undefined for a drill without times, or with only blocked ones. */
  find(drill: Drill, now: Date): Date | undefined {
    const found = this.#found.get(drill);
    if (found && found > now) return found;
    if (!drill.schedule || !hasCron(drill.schedule)) return undefined;
    const next = nextStart(makeTimetable(drill.name, drill.schedule), now)?.at;
    if (next) this.#found.set(drill, next);
    return next;
  }
}
