import type { RunEvent } from '../../run/contract.ts';
import type { TextSink } from '../io.ts';
import { type Paint, printable } from '../style.ts';
import type { RunPrinter } from './printer.ts';

/** Prints the verdict of each run, and nothing else. */
export function createQuietPrinter(stdout: TextSink, paint: Paint): RunPrinter {
  const handle = (event: RunEvent): void => {
    if (event.type !== 'run-ended') return;
    const { verdict } = event.run;
    stdout.write(
      `${paint(verdict === 'passed' ? 'green' : verdict === 'failed' ? 'red' : 'yellow', printable(event.sentence))}\n`,
    );
  };
  return { handle, settle: async () => undefined };
}
