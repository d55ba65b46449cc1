/**
 * How long tests wait before they consider something hung, in ms. No test asserts a figure with these: they end what
 * would never end, so they are far beyond what a shared machine at a quarter of a developer's speed needs.
 */
export const UNIT_TIMEOUT_MS = 120_000;
export const INTEGRATION_TIMEOUT_MS = 600_000;

/** For a single wait of a test: an element of a page, a response, a signal that limits a step. */
export const STEP_TIMEOUT_MS = 300_000;

/** @returns the timeout of a test or hook that takes `quietMs` on a quiet machine. */
export function timeoutFor(quietMs: number): number {
  return Math.max(INTEGRATION_TIMEOUT_MS, quietMs * 12);
}
