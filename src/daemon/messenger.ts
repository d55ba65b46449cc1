import type { Notifier } from '../notify/notifier.ts';
import type { Store } from '../record/store.ts';
import { type DrillStanding, readStandings } from '../status/read-standings.ts';
import { standingOfBrokenFile } from '../status/standing-of.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { DrillBook } from './drill-book.ts';
import type { DaemonLog } from './log.ts';

export interface MessengerDeps {
  readonly notifier: Notifier;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: DaemonLog;
}

/** Every drill is looked at as often, and at once after a run of its own. */
const LOOK_EVERY_MS = 30_000;
/** So long the end waits for messages that are on their way; what has not arrived is sent at the next start. */
const LAST_DELIVERY_MS = 10_000;

/** Knows how every drill stands, and sees to it that people hear of it. Messages go out beside everything else. */
export class Messenger {
  private readonly deps: MessengerDeps;
  private readonly stopped = new AbortController();
  private known: readonly DrillStanding[] = [];
  private nextLookMs = Number.NEGATIVE_INFINITY;
  private delivering: Promise<void> | undefined;

  constructor(deps: MessengerDeps) {
    this.deps = deps;
  }

  /** As of the last look. */
  get standings(): readonly DrillStanding[] {
    return this.known;
  }

  /** Something has happened: the next look does not wait. */
  touch(): void {
    this.nextLookMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns how every drill stands, as of now or not long ago. Throws what the store throws. */
  async look(book: Pick<DrillBook, 'drills' | 'broken'>, now: Date): Promise<readonly DrillStanding[]> {
    const { store, clock, notifier } = this.deps;
    if (clock.monotonicMs() >= this.nextLookMs) {
      const problems = new Map(
        book.broken.flatMap(({ keeps, problem, since }) => (keeps === undefined ? [] : [[keeps, { problem, since }]])),
      );
      this.known = (await readStandings(store, book.drills, now, problems)).drills;
      this.nextLookMs = clock.monotonicMs() + LOOK_EVERY_MS;
      const orphans = book.broken.filter(({ keeps }) => keeps === undefined);
      await notifier.consider(
        [
          ...this.known.map(({ drill, standing, runs }) => ({ drill, standing, run: runs[0] })),
          ...orphans.map(({ file, problem, since }) => ({
            drill: undefined,
            standing: standingOfBrokenFile(`file:${file}`, { problem, since }),
            run: undefined,
          })),
        ],
        now,
      );
    }
    this.deliver();
    return this.known;
  }

  /** Tells what is left to tell, for as long as that takes, but not for ever. */
  async stop(hurry: AbortSignal): Promise<void> {
    this.deliver();
    const patience = AbortSignal.any([hurry, AbortSignal.timeout(LAST_DELIVERY_MS)]);
    await untilAborted(this.delivering ?? Promise.resolve(), patience).catch(() => this.stopped.abort());
    await this.delivering;
  }

  private deliver(): void {
    this.delivering ??= this.deps.notifier
      .deliver(this.stopped.signal)
      .catch((thrown: unknown) => this.deps.log.error(`messages wait: ${asDrillError(thrown).message}`))
      .finally(() => {
        this.delivering = undefined;
      });
  }
}
