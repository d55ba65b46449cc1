/**
 * One scheduler's part in leader election. At most one of the schedulers on a shared store leads. It keeps the lead by renewing it every few seconds; once it
 * is dead, suspended or disconnected for ten seconds, another one takes over. If machines do not share a store, every scheduler leads.
 */
export interface Lead extends AsyncDisposable {
  /**
   * Takes the lead if no other scheduler has it, or renews it. Calls must not overlap.
   * @throws `store-failed`; it is then not the leader.
   */
  renew(): Promise<LeadHolder>;
}

/** `by`: the name that the leader gave itself; undefined: unknown to the store, or the leader has just lost the lead. */
export type LeadHolder = { readonly isOwn: true } | { readonly isOwn: false; readonly by: string | undefined };

/** How long a renewed lead is guaranteed, in milliseconds. */
export const LEAD_MS = 10_000;

export const SOLE_LEAD: Lead = {
  renew: async () => ({ isOwn: true }),
  [Symbol.asyncDispose]: async () => undefined,
};
