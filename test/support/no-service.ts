import type { ServiceSignals } from '../../src/cli/io.ts';

/** No signals are sent. */
export const noService: ServiceSignals = { hurry: new AbortController().signal, takeOver: () => undefined };
