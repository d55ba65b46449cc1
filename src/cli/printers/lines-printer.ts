import type { RunEvent } from '../../run/contract.ts';
import { describePrediction } from '../../run/prediction/prediction-words.ts';
import { NEW_RUN, reduce } from '../../run/run-state.ts';
import { NO_LINKS, type RunLinks } from '../hyperlinks.ts';
import type { TextSink } from '../io.ts';
import {
  formatActivity,
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

/** Limits for the interval between progress lines in scrolling output (a log, a CI job), which is a tenth of the run's time so far. */
const PROGRESS_GAP_MS = { least: 5000, most: 60_000 };

/** Prints each change as a line, in order, without redrawing. For logs, pipes and CI. */
export function createLinesPrinter(stdout: TextSink, paint: Paint, links: RunLinks = NO_LINKS): RunPrinter {
  let state = NEW_RUN;
  let printedAtMs = 0;
  const handle = (event: RunEvent): void => {
    state = reduce(state, event);
    const { started, stages, stage, progress, activity, prediction, checks, kept, ended } = state;
    const lines = (): readonly string[] => {
      switch (event.type) {
        case 'run-started':
          printedAtMs = event.at.getTime();
          return started ? [formatStart(started, paint, links)] : [];
        case 'progress':
        case 'activity':
        case 'predicted': {
          const nowMs = event.at.getTime();
          const soFarMs = nowMs - (started?.startedAt.getTime() ?? nowMs);
          const gapMs = Math.min(PROGRESS_GAP_MS.most, Math.max(PROGRESS_GAP_MS.least, soFarMs / 10));
          if (!(stage ?? activity) || nowMs - printedAtMs < gapMs) return [];
          printedAtMs = nowMs;
          if (!stage) return activity ? [`  … ${formatActivity(activity, nowMs - activity.at.getTime())}`] : [];
          const doing = progress ? formatProgress(progress) : activity?.doing;
          const words = [prediction && describePrediction(prediction), doing];
          return [`  ${padStage(stage.name)} … ${words.filter(Boolean).join('; ')}`];
        }
        case 'check':
          return checks.slice(-1).map((check) => formatCheckLine(check, paint));
        case 'stage-ended':
          return stages.slice(-1).map((last) => `  ${formatStage(last)}`);
        case 'log':
          return event.level === 'info' ? [`  ${printable(event.message)}`] : [];
        case 'checksums-matched':
          return event.matched.map((each) => `  ${printable(each)}`);
        case 'kept':
          return kept ? formatKept(kept) : [];
        case 'run-ended':
          return ended ? formatEnding(ended, paint, links) : [];
        default:
          return [];
      }
    };
    for (const line of lines()) stdout.write(`${line}\n`);
  };
  return { handle, settle: async () => undefined };
}
