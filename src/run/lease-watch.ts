import type { Death, RunLease } from '../record/store.ts';

/** Heartbeats come every 5 s, so this is four that are missing. */
const SILENT_MS = 20_000;
/** The most that counts of the time between two looks: while the store did not answer this process, it may not have answered the other one either. */
const LOOK_MS = 6000;

/**
 * Finds processes that have stopped sending heartbeats for their runs, by this machine's clock alone: what matters is how long a lease has not changed, not
 * what it says, so clocks need not agree. Leases are to be looked at every few seconds.
 */
export class LeaseWatch {
  private seen: ReadonlyMap<string, { readonly expiresAtMs: number; readonly silentMs: number }> = new Map();
  private lookedAtMs: number | undefined;

  /**
   * @param leases of every run that is `running`. @param nowMs of a monotonic clock.
   * @returns whether a run has ended, or was ended, since the last look.
   */
  look(leases: readonly RunLease[], nowMs: number): boolean {
    const elapsedMs = Math.min(nowMs - (this.lookedAtMs ?? nowMs), LOOK_MS);
    const before = this.seen;
    this.lookedAtMs = nowMs;
    this.seen = new Map(
      leases.map(({ runId, expiresAt }) => {
        const last = before.get(runId);
        const expiresAtMs = expiresAt.getTime();
        const silentMs = last?.expiresAtMs === expiresAtMs ? last.silentMs + elapsedMs : 0;
        return [runId, { expiresAtMs, silentMs }];
      }),
    );
    return [...before.keys()].some((runId) => !this.seen.has(runId));
  }

  /** @returns `silent` when the lease has not changed for {@link SILENT_MS}, as of the last {@link look}. */
  deathOf({ runId, expiresAt }: RunLease): Death | undefined {
    const seen = this.seen.get(runId);
    return seen?.expiresAtMs === expiresAt.getTime() && seen.silentMs >= SILENT_MS ? 'silent' : undefined;
  }
}
