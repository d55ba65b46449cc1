import { type RunLinks, runLinks } from '../hyperlinks.ts';
import type { Io } from '../io.ts';
import { StatusArea } from '../status-area.ts';
import { painter } from '../style.ts';
import { createJsonPrinter } from './json-printer.ts';
import { createLinesPrinter } from './lines-printer.ts';
import type { RunPrinter } from './printer.ts';
import { createQuietPrinter } from './quiet-printer.ts';
import { createTerminalPrinter } from './terminal-printer.ts';

/** How runs are shown while in progress; `junit`: not at all; `quiet`: only their verdicts. @param publicUrl of their pages. */
export function choosePrinter(
  io: Io,
  format: 'text' | 'json' | 'junit',
  { quiet = false, publicUrl }: { readonly quiet?: boolean; readonly publicUrl: string | undefined },
): RunPrinter {
  if (format === 'json') return createJsonPrinter(io.stdout);
  if (format === 'junit') return { handle: () => undefined, settle: async () => undefined };
  const paint = painter(io, io.stdout);
  if (quiet) return createQuietPrinter(io.stdout, paint);
  const links: RunLinks = runLinks(io, publicUrl);
  if (io.terminal && io.env['TERM'] !== 'dumb')
    return createTerminalPrinter(new StatusArea(io.terminal.stdout, paint, io.links?.pattern), paint, links);
  return createLinesPrinter(io.stdout, paint, links);
}
