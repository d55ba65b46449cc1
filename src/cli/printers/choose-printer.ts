import type { Io } from '../io.ts';
import { painter } from '../style.ts';
import { createJsonPrinter } from './json-printer.ts';
import { createLinesPrinter } from './lines-printer.ts';
import type { RunPrinter } from './printer.ts';

/** How runs are shown as they go on; `junit`: not at all. Loads listr2 only when it draws, because loading it slows the start. */
export async function choosePrinter(io: Io, format: 'text' | 'json' | 'junit'): Promise<RunPrinter> {
  if (format === 'json') return createJsonPrinter(io.stdout);
  if (format === 'junit') return { handle: () => undefined, settle: async () => undefined };
  const paint = painter(io, io.stdout);
  if (io.terminal && io.env['TERM'] !== 'dumb') {
    const { createTerminalPrinter } = await import('./terminal-printer.ts');
    return createTerminalPrinter(io.terminal.stdout, io.terminal.stderr, paint);
  }
  return createLinesPrinter(io.stdout, paint);
}
