import { stateOf } from '../../record/history-view.ts';
import type { CommandOutcome } from '../../record/live-store.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { Store } from '../../record/store.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { parseOwner } from '../../support/owner.ts';
import { findRun } from '../find-run.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';

export interface CancelOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

/**
 * `firedrill cancel`: cancels a run of a runner or scheduler, or removes its kept sandbox. Returns once the process that runs it has been notified.
 * @param word see {@link findRun}.
 * @throws DrillError `usage` for a run that has ended or accepts no commands; `run-not-found`.
 */
export async function cancelCommand(tools: Toolbox, word: string, options: CancelOptions): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const run = await findRun(store, word);
  const by = `${userName()} (command line)`;
  const outcome = await store.commandRun({ kind: 'cancel', runId: run.id, by, at: tools.clock.now() });
  if (outcome !== 'accepted') throw refuse(run, outcome, store);
  const text = `${printable(run.drill)}: canceling run ${run.id} (${placeOf(run)}); its sandbox will be removed`;
  tools.io.stdout.write(`${options.json ? toJson({ type: 'cancel', run: run.id, drill: run.drill, by }) : text}\n`);
  return EXIT.passed;
}

function refuse(
  run: RunRecord,
  outcome: Exclude<CommandOutcome, 'accepted'>,
  { isShared }: Pick<Store, 'isShared'>,
): DrillError {
  const { id, drill } = run;
  if (outcome === 'ended')
    return new DrillError('usage', `run ${id} of ${drill} has already ended: ${stateOf(run)}`, {
      hint: `Look at it with \`firedrill show ${id}\`.`,
    });
  return new DrillError('usage', `run ${id} of ${drill} (${placeOf(run)}) takes no commands from here`, {
    hint: isShared
      ? 'If it was started with `firedrill run`, press Ctrl-C there. If it has only just started on a runner or scheduler, try again in a few seconds.'
      : 'Cancel it on the pages of its `firedrill serve`, or press Ctrl-C where `firedrill run` runs. This command needs a PostgreSQL store.',
  });
}

function placeOf({ leaseOwner }: RunRecord): string {
  const owner = parseOwner(leaseOwner);
  return owner ? `process ${owner.pid} on ${owner.host}` : 'another process';
}
