import type { RunEvent } from '../../run/contract.ts';
import { toJson } from '../../support/json.ts';
import type { TextSink } from '../io.ts';
import type { RunPrinter } from './printer.ts';

/** One JSON object per line, each with a `type`; instants are UTC ISO 8601, durations end in Ms, sizes in Bytes. */
export function createJsonPrinter(stdout: TextSink): RunPrinter {
  return {
    handle: (event: RunEvent) => {
      stdout.write(`${toJson(withDefinitionParsed(event))}\n`);
    },
    settle: async () => undefined,
  };
}

/** The definition is stored as JSON text; in the output it is an object, not an escaped string. */
function withDefinitionParsed(event: RunEvent): unknown {
  if (event.type !== 'run-ended') return event;
  return { ...event, run: { ...event.run, definition: JSON.parse(event.run.definition) as unknown } };
}
