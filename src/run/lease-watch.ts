import type { Death, RunLease } from '../record/store.ts';
import { SilenceWatch } from '../support/silence-watch.ts';

/** Heartbeats come every 5 s, so this is four that are missing. */
const SILENT_MS = 20_000;

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

  /** @returns `silent` when the lease has not changed for {@link SILENT_MS}, as of the last {@link look}. */
  deathOf({ runId, expiresAt }: RunLease): Death | undefined {
    return this.silence.silentMs(runId, expiresAt.getTime()) >= SILENT_MS ? 'silent' : undefined;
  }
}
