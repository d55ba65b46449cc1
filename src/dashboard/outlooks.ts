import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { DrillOutlook } from '../report/read-outlook.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import { BackgroundWork } from './background-work.ts';
import type { DashboardDeps, Reports } from './deps.ts';

/** The largest number of drills whose outlook is cached, some kilobytes each. */
const MOST = 2000;
const PAUSE_MS = 2;

type OutlooksDeps = Pick<DashboardDeps, 'onError'> & { readonly reports: Pick<Reports, 'readOutlook'> };

/**
 * The outlook of each drill: how many runs met their objectives, and whether recovery is expected to exceed the RTO. Pages show what is known and never wait:
 * missing outlooks are read in the background, one at a time, and stay valid until another run of the drill ends or the day is over.
 */
export class Outlooks {
  readonly #deps: OutlooksDeps;
  readonly #keyOf: (standing: DrillStanding) => string;
  readonly #known = new LRUCache<string, { readonly key: string; readonly outlook: DrillOutlook }>({ max: MOST });
  readonly #background: BackgroundWork;

  /** @param keyOf represents everything that an outlook depends on. */
  constructor(deps: OutlooksDeps, keyOf: (standing: DrillStanding) => string) {
    this.#deps = deps;
    this.#keyOf = keyOf;
    this.#background = new BackgroundWork(deps.onError);
  }

  /** The last known outlook, perhaps from before its newest run. */
  of(drill: string): DrillOutlook | undefined {
    return this.#known.get(drill)?.outlook;
  }

  /** Reads the missing ones in the background. */
  prepare(standings: readonly DrillStanding[]): void {
    if (this.#background.isBusy) return;
    const missing = standings.filter((one) => this.#known.peek(one.drill.name)?.key !== this.#keyOf(one));
    if (missing.length > 0) this.#background.start((signal) => this.#read(missing, signal));
  }

  /** Resolves when nothing is being read. */
  settled(): Promise<void> {
    return this.#background.settled();
  }

  close(): void {
    this.#background.close();
  }

  async #read(standings: readonly DrillStanding[], signal: AbortSignal): Promise<void> {
    for (const standing of standings) {
      await delay(PAUSE_MS, undefined, { signal, ref: false });
      const { name } = standing.drill;
      const outlook = await this.#deps.reports.readOutlook(name, standing);
      this.#known.set(name, { key: this.#keyOf(standing), outlook });
    }
  }
}
