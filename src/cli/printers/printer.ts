import type { RunEvent } from '../../flow/run-events.ts';

/** Shows runs as they go on. One state, several printers: what one shows, the others do too, each in its own form. */
export interface RunPrinter {
  handle(event: RunEvent): void;
  /** All runs are over; everything that was shown is on its way out when this resolves. */
  end(): Promise<void>;
}
