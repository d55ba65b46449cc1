import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { describePlan } from '../../plan/format-plan.ts';
import type { RunEvent } from '../../run/contract.ts';
import { nameStage, STAGES, type StageName } from '../../support/vocabulary.ts';
import {
  formatCheck,
  formatEnding,
  formatKept,
  formatProgress,
  formatStage,
  padStage,
  paintEnding,
} from '../run-state.ts';
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
  let stages = new Map<StageName, LiveStage>();
  let drawing: Promise<unknown> = Promise.resolve();
  let after: string[] = [];

  const begin = (event: Extract<RunEvent, { type: 'run-started' }>) => {
    stages = new Map(STAGES.map((name) => [name, { ended: Promise.withResolvers(), show: () => undefined }]));
    after = [];
    stdout.write(`${paint('bold', printable(event.drill))} (${printable(event.drillFile)}, run ${event.runId})\n`);
    drawing = drawStages(stages, stdout, stderr);
  };
  const finish = (event: Extract<RunEvent, { type: 'run-ended' }>) => {
    for (const [name, stage] of stages)
      stage.ended.resolve({ line: `${padStage(name)} ${'–'.padStart(9)}`, outcome: 'skipped' });
    after.push(...paintEnding(event, formatEnding(event), paint));
  };

  const handle = (event: RunEvent): void => {
    switch (event.type) {
      case 'run-started':
        begin(event);
        break;
      case 'planned':
        stages.get('plan')?.show(printable(describePlan(event.plan)));
        break;
      case 'progress':
        stages.get(event.stage)?.show(formatProgress(event.progress));
        break;
      case 'stage-ended': {
        const outcome = event.outcome === 'ok' || event.outcome === 'skipped' ? event.outcome : 'bad';
        stages.get(event.stage)?.ended.resolve({ line: formatStage(event), outcome });
        break;
      }
      case 'check':
        after.push(`  ${paint(event.check.passed ? 'green' : 'red', formatCheck(event))}`);
        stages.get('verify')?.show(formatCheck(event));
        break;
      case 'kept':
        stdout.write(`${formatKept(event).join('\n')}\n`);
        break;
      case 'run-ended':
        finish(event);
        break;
      case 'log':
      case 'stage-started':
        break;
    }
  };
  return {
    handle,
    settle: async () => {
      await drawing;
      if (after.length > 0) stdout.write(`${after.splice(0).join('\n')}\n`);
    },
  };
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
