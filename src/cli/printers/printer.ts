import type { RunEvent } from '../../run/contract.ts';

/** Shows runs as they go on. One state, several printers: what one shows, the others do too, each in its own form. */
export interface RunPrinter {
  handle(event: RunEvent): void;
  /** Resolves when everything handled so far is shown; awaited after each run. */
  settle(): Promise<void>;
}
