import type { ServiceSignals } from '../../src/cli/io.ts';

/** Nobody sends signals. */
export const noService: ServiceSignals = { hurry: new AbortController().signal, takeOver: () => undefined };
