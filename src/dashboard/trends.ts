import { setTimeout as delay } from 'node:timers/promises';
import type { DrillStanding } from '../status/read-standings.ts';
import type { Markup } from '../support/html.ts';
import type { DashboardDeps, Reports } from './deps.ts';
import { VersionedCache } from './versioned-cache.ts';

/** Of so many drills the trend is kept, some 25 kB each. */
const MOST = 500;
/** Made beforehand for so many at most, one at a time, so that whoever asks for a page meanwhile waits for one at most. */
const MOST_PREPARED = 200;
const PAUSE_MS = 25;

type TrendsDeps = Pick<DashboardDeps, 'clock' | 'onError'> & { readonly reports: Pick<Reports, 'renderTrend'> };

/**
 * How recovery of each drill went: runs that have ended never change, so a trend is made once, until another run ends or the day is over, after which
 * its forecast would say something else. It takes some twenty milliseconds: who looks at the overview finds those of the drills ready a little later.
 */
export class Trends {
  readonly #deps: TrendsDeps;
  readonly #cache = new VersionedCache<Markup | undefined>(MOST);
  readonly #closed = new AbortController();
  #preparing: Promise<void> | undefined;
  #prepared: readonly DrillStanding[] | undefined;

  constructor(deps: TrendsDeps) {
    this.#deps = deps;
  }

  /** @returns undefined: there is nothing to show. */
  of(drill: string, standing: DrillStanding | undefined): Promise<Markup | undefined> {
    const { reports } = this.#deps;
    return this.#cache.get(drill, this.keyOf(standing), () => reports.renderTrend(drill, standing));
  }

  /** Makes those that are missing, beside everything else. Asked the same again, it does nothing. */
  prepare(standings: readonly DrillStanding[]): void {
    if (this.#preparing || this.#prepared === standings) return;
    this.#prepared = standings;
    this.#preparing = this.#prepare(standings.slice(0, MOST_PREPARED))
      .catch((error: unknown) => {
        if (!this.#closed.signal.aborted) this.#deps.onError(error);
      })
      .finally(() => {
        this.#preparing = undefined;
      });
  }

  /** When nothing is being made beforehand any more. */
  async settled(): Promise<void> {
    await this.#preparing;
  }

  close(): void {
    this.#closed.abort();
  }

  /** Of all that a trend is made of. */
  keyOf(standing: DrillStanding | undefined): string {
    const day = this.#deps.clock.now().toISOString().slice(0, 10);
    const ended = standing?.runs.find(({ status }) => status !== 'running');
    return [day, ended?.id, standing?.drill.objectives.rtoMs, standing?.drill.definitionHash].join(' ');
  }

  async #prepare(standings: readonly DrillStanding[]): Promise<void> {
    const { signal } = this.#closed;
    const errors: unknown[] = [];
    for (const standing of standings) {
      const { name } = standing.drill;
      if (this.#cache.has(name, this.keyOf(standing))) continue;
      await delay(PAUSE_MS, undefined, { signal, ref: false });
      await this.of(name, standing).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0]; // they are of one kind, as a rule
  }
}
