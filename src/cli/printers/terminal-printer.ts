import type { RunEvent } from '../../run/contract.ts';
import { describeChance } from '../../run/prediction/prediction-words.ts';
import { NEW_RUN, type RunState, reduce } from '../../run/run-state.ts';
import { formatClock } from '../../support/quantities.ts';
import { nameStage, type StageName } from '../../support/vocabulary.ts';
import type { RunLinks } from '../hyperlinks.ts';
import { finishText } from '../progress-bar.ts';
import {
  formatActivity,
  formatCheckLine,
  formatEnding,
  formatKept,
  formatProgress,
  formatStage,
  formatStart,
} from '../run-text.ts';
import type { StatusArea, StatusLine } from '../status-area.ts';
import { type Paint, printable } from '../style.ts';
import { wrapText } from '../wrap.ts';
import type { RunPrinter } from './printer.ts';

/**
 * Prints each stage and check as it ends, and below them an area that is redrawn: recovery time against the RTO with the predicted finish, the current
 * activity, and the confidence of the prediction.
 */
export function createTerminalPrinter(
  area: StatusArea,
  paint: Paint,
  links: RunLinks,
  nowMs: () => number = Date.now,
): RunPrinter {
  let state = NEW_RUN;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => area.draw(state.ended || state.kept ? [] : statusOf(state, area.columns, nowMs()));
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const handle = (event: RunEvent): void => {
    state = reduce(state, event);
    const lines = linesOf(event, state, paint, links);
    // the commands that connect to a kept sandbox are copied as they are
    area.print(event.type === 'kept' ? lines : lines.map((line) => wrapText(line, area.columns)));
    draw();
    if (event.type === 'run-started') timer ??= setInterval(draw, REDRAW_MS).unref();
    if (event.type === 'run-ended') stop();
  };
  const settle = async () => {
    stop();
    area.clear();
  };
  return { handle, settle };
}

/** For stages without progress, such as a pull. */
const REDRAW_MS = 1000;
/** A stage that takes longer shows its elapsed time. */
const LONG_MS = 2000;

/** The part of an event that stays on the screen. */
function linesOf(event: RunEvent, state: RunState, paint: Paint, links: RunLinks): readonly string[] {
  const { started, stages, checks, kept, ended } = state;
  switch (event.type) {
    case 'run-started':
      return started ? [formatStart(started, paint, links)] : [];
    case 'check':
      return checks.slice(-1).map((check) => formatCheckLine(check, paint));
    case 'stage-ended':
      return stages.slice(-1).flatMap((stage) => {
        if (stage.name === 'image-pull' && stage.outcome === 'skipped') return [];
        const [mark, format] = MARKS[stage.outcome] ?? BAD_MARK;
        return `${paint(format, mark)} ${formatStage(stage)}`;
      });
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
}

const BAD_MARK = ['✗', 'red'] as const;
const MARKS: Readonly<Partial<Record<string, readonly [mark: string, format: 'green' | 'dim']>>> = {
  ok: ['✓', 'green'],
  skipped: ['–', 'dim'],
};

function statusOf(
  { prediction, progress, activity, stage, proof }: RunState,
  columns: number,
  nowMs: number,
): readonly StatusLine[] {
  const lines: StatusLine[] = [];
  if (prediction && stage?.name !== 'teardown' && proof === undefined) {
    const chance = describeChance(prediction);
    const words = chance === undefined ? '' : ` ${chance}`;
    lines.push({
      text: `  ${finishText(prediction, columns - 2 - words.length)}${words}`,
      ...(chance !== undefined && {
        format: chance === 'on track' ? 'green' : chance === 'at risk' ? 'yellow' : 'red',
      }),
    });
    if (!progress?.isStalled) lines.push({ text: `  ${prediction.why}`, format: 'dim' });
  }
  if (stage) {
    const spentMs = nowMs - stage.startedAt.getTime();
    const spent = !progress && spentMs >= LONG_MS ? `, ${formatClock(spentMs)}` : '';
    lines.push({ text: `  ${doingIn(stage.name, progress ? formatProgress(progress) : activity?.doing)}${spent}` });
  } else if (activity) lines.push({ text: `  ${formatActivity(activity, nowMs - activity.at.getTime())}` });
  return lines;
}

function doingIn(stage: StageName, doing: string | undefined): string {
  return `${nameStage(stage)}: ${doing ?? DOING[stage]}`;
}

const DOING: Readonly<Record<StageName, string>> = {
  locate: 'looking for the backup',
  plan: 'deciding how to restore it',
  'image-pull': 'pulling the image',
  provision: 'starting the sandbox',
  restore: 'fetching',
  verify: 'running checks',
  teardown: 'removing the sandbox',
};
