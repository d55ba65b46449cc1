import type { Death, RunLease } from '../record/store.ts';
import { SilenceWatch } from '../support/silence-watch.ts';

/** Missed heartbeats in a row after which a process is considered dead. */
const MISSED_BEATS = 4;
/** The longest interval that any Firedrill version uses, for a run that does not record its own. */
const UNKNOWN_BEAT_MS = 30_000;

/** Finds processes that have stopped sending heartbeats for their runs. Call `look` every few seconds. */
export class LeaseWatch {
  private readonly silence = new SilenceWatch();

  /**
   * @param leases of every run that is `running`. @param nowMs of a monotonic clock.
   * @returns whether a run has ended, or was marked ended, since the last call.
   */
  look(leases: readonly RunLease[], nowMs: number): boolean {
    return this.silence.look(new Map(leases.map((lease) => [lease.runId, lease.expiresAt.getTime()])), nowMs);
  }

  /**
   * @returns `silent` when {@link MISSED_BEATS} heartbeats are missing as of the last {@link look}, at the interval of the run's own process, which may be
   * another version.
   */
  deathOf({ runId, expiresAt, beatMs = UNKNOWN_BEAT_MS }: RunLease): Death | undefined {
    const silentMs = this.silence.silentMs(runId, expiresAt.getTime());
    return silentMs >= MISSED_BEATS * beatMs ? 'silent' : undefined;
  }
}
