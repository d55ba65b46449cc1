import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { describePlan } from '../../plan/format-plan.ts';
import type { RunEvent } from '../../run/contract.ts';
import { NEW_RUN, type RunState, reduce } from '../../run/run-state.ts';
import { nameStage, STAGES, type StageName } from '../../support/vocabulary.ts';
import {
  formatCheck,
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

/** A stage that ended badly, as listr2 expects it. The message is the stage's line. */
class StageFailure extends Error {}

interface LiveStage {
  readonly ended: PromiseWithResolvers<{ line: string; outcome: 'ok' | 'bad' | 'skipped' }>;
  show: (output: string) => void;
}

/** Redraws the stages of the run in progress, with progress under the current one; then the checks and the verdict. */
export function createTerminalPrinter(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  paint: Paint,
): RunPrinter {
  let state = NEW_RUN;
  let stages = new Map<StageName, LiveStage>();
  let drawing: Promise<unknown> = Promise.resolve();
  let isEndingShown = false;

  const write = (lines: readonly string[]) => {
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  };
  const showEnding = () => {
    if (isEndingShown) return;
    isEndingShown = true;
    const { checks, ended } = state;
    write([...checks.map((check) => formatCheckLine(check, paint)), ...(ended ? formatEnding(ended, paint) : [])]);
  };
  const handle = (event: RunEvent): void => {
    state = reduce(state, event);
    const { started, plan, progress, kept } = state;
    if (event.type === 'run-started' && started) {
      isEndingShown = false;
      write([formatStart(started, paint)]);
      stages = new Map(STAGES.map((name) => [name, { ended: Promise.withResolvers(), show: () => undefined }]));
      drawing = drawStages(stages, stdout, stderr);
    }
    if (event.type === 'planned' && plan) stages.get('plan')?.show(printable(describePlan(plan)));
    if (event.type === 'progress' && progress) stages.get(event.stage)?.show(formatProgress(progress));
    if (event.type === 'check') stages.get('verify')?.show(formatCheck(event.check));
    if (event.type === 'stage-ended') endStages(stages, state);
    // a proof goes on after the last stage, when nothing is drawn any more
    if (event.type === 'log' && event.level === 'info' && hasEnded(state, 'teardown'))
      drawing = drawing.then(() => write([`  ${printable(event.message)}`]));
    if (event.type === 'run-ended') endAllStages(stages);
    if (event.type === 'kept' && kept) {
      drawing = drawing.then(() => {
        showEnding(); // a person who looks into the sandbox wants the verdict before, not after
        write(formatKept(kept));
      });
    }
  };
  const settle = async () => {
    endAllStages(stages); // those of a run that could not be recorded are still open
    await drawing;
    showEnding();
  };
  return { handle, settle };
}

function hasEnded({ stages }: RunState, name: StageName): boolean {
  return stages.some((stage) => stage.name === name);
}

/** Ends the drawing of each stage that has ended. */
function endStages(drawn: ReadonlyMap<StageName, LiveStage>, { stages }: RunState): void {
  for (const stage of stages) {
    const outcome = stage.outcome === 'ok' || stage.outcome === 'skipped' ? stage.outcome : 'bad';
    drawn.get(stage.name)?.ended.resolve({ line: formatStage(stage), outcome });
  }
}

/** Those that have not begun are drawn as skipped. */
function endAllStages(drawn: ReadonlyMap<StageName, LiveStage>): void {
  for (const [name, stage] of drawn)
    stage.ended.resolve({ line: `${padStage(name)} ${'–'.padStart(9)}`, outcome: 'skipped' });
}

/** Draws until every stage has ended. Never rejects, because failures are part of the drawing. */
async function drawStages(
  stages: ReadonlyMap<StageName, LiveStage>,
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
): Promise<void> {
  const tasks = [...stages].map(([name, stage]) => ({
    title: nameStage(name),
    task: async (_context: unknown, task: { title: string; output: string; skip(message?: string): void }) => {
      stage.show = (output) => {
        task.output = output;
      };
      const { line, outcome } = await stage.ended.promise;
      task.title = line;
      if (outcome === 'skipped') task.skip(line);
      if (outcome === 'bad') throw new StageFailure(line);
    },
  }));
  const list = new Listr(tasks, {
    exitOnError: false,
    registerSignalListeners: false,
    renderer: 'default',
    rendererOptions: {
      collapseErrors: false,
      showErrorMessage: false,
      collapseSkips: false,
      suffixSkips: false,
      logger: new ListrLogger({ processOutput: new ProcessOutput(stdout, stderr) }),
    },
  });
  await list.run().catch((error: unknown) => {
    if (!(error instanceof StageFailure)) throw error;
  });
}
