import { setTimeout as delay } from 'node:timers/promises';
import type { DrillStanding } from '../status/read-standings.ts';
import type { Markup } from '../support/html.ts';
import { BackgroundWork } from './background-work.ts';
import type { DashboardDeps, Reports } from './deps.ts';
import { DEFAULT_RANGE, type DrillRange } from './drill-range.ts';
import { VersionedCache } from './versioned-cache.ts';

/** The largest number of drills whose trend is cached, some 25 kB each. */
const MOST = 500;
/** The largest number of trends made in advance, one at a time, so that a page request waits for at most one. */
const MAX_PREPARED = 200;
const PAUSE_MS = 25;

type TrendsDeps = Pick<DashboardDeps, 'clock' | 'onError'> & { readonly reports: Pick<Reports, 'renderTrend'> };

/**
 * Caches each drill's recovery trend. Runs that have ended never change, so a trend is valid until another run ends or until the day is over, after which
 * its forecast would differ. Making one takes some twenty milliseconds; a visit to the overview prepares those of its drills in the background.
 */
export class Trends {
  readonly #deps: TrendsDeps;
  readonly #cache = new VersionedCache<Markup | undefined>(MOST);
  readonly #background: BackgroundWork;
  #prepared: readonly DrillStanding[] | undefined;

  constructor(deps: TrendsDeps) {
    this.#deps = deps;
    this.#background = new BackgroundWork(deps.onError);
  }

  /** @returns undefined if there is nothing to show. */
  of(
    drill: string,
    standing: DrillStanding | undefined,
    days: DrillRange = DEFAULT_RANGE,
  ): Promise<Markup | undefined> {
    const { reports } = this.#deps;
    const make = () => reports.renderTrend(drill, standing, days);
    return this.#cache.get(nameOf(drill, days), this.keyOf(standing), make);
  }

  /** Makes the missing trends in the background. Calling it again with the same drills does nothing. */
  prepare(standings: readonly DrillStanding[]): void {
    if (this.#background.isBusy || this.#prepared === standings) return;
    this.#prepared = standings;
    this.#background.start((signal) => this.#prepare(standings.slice(0, MAX_PREPARED), signal));
  }

  /** Resolves when no trend is being made in advance. */
  settled(): Promise<void> {
    return this.#background.settled();
  }

  close(): void {
    this.#background.close();
  }

  /** Represents everything that a trend depends on. */
  keyOf(standing: DrillStanding | undefined): string {
    const day = this.#deps.clock.now().toISOString().slice(0, 10);
    const ended = standing?.runs.find(({ status }) => status !== 'running');
    return [day, ended?.id, standing?.drill.objectives.rtoMs, standing?.drill.definitionHash].join(' ');
  }

  async #prepare(standings: readonly DrillStanding[], signal: AbortSignal): Promise<void> {
    const errors: unknown[] = [];
    for (const standing of standings) {
      const { name } = standing.drill;
      if (this.#cache.has(nameOf(name, DEFAULT_RANGE), this.keyOf(standing))) continue;
      await delay(PAUSE_MS, undefined, { signal, ref: false });
      await this.of(name, standing).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0]; // all errors usually have the same cause
  }
}

function nameOf(drill: string, days: DrillRange): string {
  return `${drill} ${days}`;
}
