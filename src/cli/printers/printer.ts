import type { RunEvent } from '../../run/contract.ts';

/** Shows runs in progress. All printers show the same state, each in its own form. */
export interface RunPrinter {
  handle(event: RunEvent): void;
  /** Resolves when everything handled so far is shown; awaited after each run. */
  settle(): Promise<void>;
}
