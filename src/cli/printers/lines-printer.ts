import type { RunEvent } from '../../run/contract.ts';
import type { TextSink } from '../io.ts';
import {
  formatCheck,
  formatEnding,
  formatKept,
  formatProgress,
  formatStage,
  padStage,
  paintEnding,
} from '../run-state.ts';
import type { Paint } from '../style.ts';
import { printable } from '../style.ts';
import type { RunPrinter } from './printer.ts';

/** The interval between progress lines where output scrolls (a log, a CI job). */
const PROGRESS_EVERY_MS = 5000;

/** Prints one line per event, in order, without redrawing. For logs, pipes and CI. */
export function createLinesPrinter(stdout: TextSink, paint: Paint): RunPrinter {
  let toldMs = 0;
  const line = (text: string) => stdout.write(`${text}\n`);
  const handle = (event: RunEvent): void => {
    switch (event.type) {
      case 'run-started':
        line(paint('bold', `${printable(event.drill)} (${printable(event.drillFile)}, run ${event.runId})`));
        toldMs = event.at.getTime();
        break;
      case 'progress':
        if (event.at.getTime() - toldMs < PROGRESS_EVERY_MS) break;
        toldMs = event.at.getTime();
        line(`  ${padStage(event.stage)} … ${formatProgress(event.progress)}`);
        break;
      case 'check':
        line(`  ${paint(event.check.passed ? 'green' : 'red', formatCheck(event))}`);
        break;
      case 'stage-ended':
        line(`  ${formatStage(event)}`);
        break;
      case 'log':
        if (event.level === 'info') line(`  ${printable(event.message)}`);
        break;
      case 'kept':
        for (const text of formatKept(event)) line(text);
        break;
      case 'run-ended':
        for (const text of paintEnding(event, formatEnding(event), paint)) line(text);
        break;
      case 'stage-started':
      case 'planned':
        break;
    }
  };
  return { handle, settle: async () => undefined };
}
