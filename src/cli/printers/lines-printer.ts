import type { RunEvent } from '../../run/contract.ts';
import { NEW_RUN, reduce } from '../../run/run-state.ts';
import type { TextSink } from '../io.ts';
import {
  formatCheckLine,
  formatEnding,
  formatKept,
  formatProgress,
  formatStage,
  formatStart,
  padStage,
} from '../run-text.ts';
import { type Paint, printable } from '../style.ts';
import type { RunPrinter } from './printer.ts';

/** The interval between progress lines where output scrolls (a log, a CI job). */
const PROGRESS_EVERY_MS = 5000;

/** Prints each change as a line, in order, without redrawing. For logs, pipes and CI. */
export function createLinesPrinter(stdout: TextSink, paint: Paint): RunPrinter {
  let state = NEW_RUN;
  let printedAtMs = 0;
  const handle = (event: RunEvent): void => {
    state = reduce(state, event);
    const { started, stages, stage, progress, checks, kept, ended } = state;
    const lines = (): readonly string[] => {
      switch (event.type) {
        case 'run-started':
          printedAtMs = event.at.getTime();
          return started ? [formatStart(started, paint)] : [];
        case 'progress':
          if (!stage || !progress || event.at.getTime() - printedAtMs < PROGRESS_EVERY_MS) return [];
          printedAtMs = event.at.getTime();
          return [`  ${padStage(stage.name)} … ${formatProgress(progress)}`];
        case 'check':
          return checks.slice(-1).map((check) => formatCheckLine(check, paint));
        case 'stage-ended':
          return stages.slice(-1).map((last) => `  ${formatStage(last)}`);
        case 'log':
          return event.level === 'info' ? [`  ${printable(event.message)}`] : [];
        case 'kept':
          return kept ? formatKept(kept) : [];
        case 'run-ended':
          return ended ? formatEnding(ended, paint) : [];
        default:
          return [];
      }
    };
    for (const line of lines()) stdout.write(`${line}\n`);
  };
  return { handle, settle: async () => undefined };
}
