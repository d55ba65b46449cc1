import type { Death, RunLease } from '../record/store.ts';
import { SilenceWatch } from '../support/silence-watch.ts';

/** How many heartbeats in a row are missing of a process that is dead. */
const MISSED_BEATS = 4;
/** The longest of any Firedrill, for one that does not say. */
const UNKNOWN_BEAT_MS = 30_000;

/** Finds processes that have stopped sending heartbeats for their runs. Leases are to be looked at every few seconds. */
export class LeaseWatch {
  private readonly silence = new SilenceWatch();

  /**
   * @param leases of every run that is `running`. @param nowMs of a monotonic clock.
   * @returns whether a run has ended, or was ended, since the last look.
   */
  look(leases: readonly RunLease[], nowMs: number): boolean {
    return this.silence.look(new Map(leases.map((lease) => [lease.runId, lease.expiresAt.getTime()])), nowMs);
  }

  /**
   * @returns `silent` when {@link MISSED_BEATS} heartbeats are missing as of the last {@link look}: of those that the run's own process sends, whose Firedrill
   * may be another.
   */
  deathOf({ runId, expiresAt, beatMs = UNKNOWN_BEAT_MS }: RunLease): Death | undefined {
    const silentMs = this.silence.silentMs(runId, expiresAt.getTime());
    return silentMs >= MISSED_BEATS * beatMs ? 'silent' : undefined;
  }
}
