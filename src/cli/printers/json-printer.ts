import type { RunEvent, RunFact } from '../../run/contract.ts';
import { toJson } from '../../support/json.ts';
import type { TextSink } from '../io.ts';
import type { RunPrinter } from './printer.ts';

/** One JSON object per line, each with a `type`; instants are UTC ISO 8601, durations end in Ms, sizes in Bytes. */
export function createJsonPrinter(stdout: TextSink): RunPrinter {
  return {
    handle: (event: RunEvent) => {
      const line = toLine(event);
      if (line !== undefined) stdout.write(`${toJson(line)}\n`);
    },
    settle: async () => undefined,
  };
}

/** Facts with a line of their own; programs rely on these types. The others are included in the run of `run-ended`. */
const PRINTED: ReadonlySet<RunFact['type']> = new Set<RunFact['type']>([
  'run-started',
  'stage-started',
  'progress',
  'predicted',
  'backup-chosen',
  'stage-ended',
  'planned',
  'check',
  'log',
  'kept',
]);

function toLine(event: RunEvent): unknown {
  if (event.type === 'warning') {
    const { type: _, message, ...stamp } = event;
    return { type: 'log', level: 'warn', message, ...stamp };
  }
  if (event.type === 'run-ended') {
    // The definition is stored as JSON text; in the output it is an object, not an escaped string.
    return { ...event, run: { ...event.run, definition: JSON.parse(event.run.definition) as unknown } };
  }
  return PRINTED.has(event.type) ? event : undefined;
}
