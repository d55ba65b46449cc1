/**
 * One scheduler's part in who leads those on a store. Of several on a shared store at most one leads. It keeps the lead by renewing it every few seconds;
 * once it is dead, suspended or cut off for ten seconds, another one gets it. Where machines share no store, every scheduler leads.
 */
export interface Lead extends AsyncDisposable {
  /**
   * Takes the lead if no other scheduler has it, or keeps it. Calls must not overlap.
   * @throws `store-failed`; it does not lead then.
   */
  renew(): Promise<LeadHolder>;
}

/** `by`: as the one that leads named itself; undefined: the store does not say, or it has just lost the lead. */
export type LeadHolder = { readonly isOwn: true } | { readonly isOwn: false; readonly by: string | undefined };

/** How long a scheduler that has renewed its lead is sure of it, in milliseconds. */
export const LEAD_MS = 10_000;

export const SOLE_LEAD: Lead = {
  renew: async () => ({ isOwn: true }),
  [Symbol.asyncDispose]: async () => undefined,
};
