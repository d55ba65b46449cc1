import type { RunRecord } from '../../record/run-record.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { toShell } from '../../support/shell.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';

export interface AcceptOptions {
  readonly config: string | undefined;
  readonly reason: string;
  readonly recurring: boolean;
  readonly json: boolean;
}

/**
 * `firedrill accept RUN --reason TEXT [--recurring]`: makes later runs compare with this one, after an intended change.
 * @throws DrillError `usage` for a run that has no data to compare, or was already accepted; `run-not-found`.
 */
export async function acceptCommand(tools: Toolbox, runId: string, options: AcceptOptions): Promise<number> {
  const { io, clock } = tools;
  const reason = options.reason.trim();
  if (reason === '') throw new DrillError('usage', '--reason is empty', { hint: 'Say why the change was intended.' });
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const run = await store.getRun(runId);
  requireMeasured(run);
  const acceptance = { runId: run.id, at: clock.now(), by: userName(), reason, recurring: options.recurring };
  await store.accept(acceptance);
  if (options.json) io.stdout.write(`${JSON.stringify({ type: 'acceptance', drill: run.drill, ...acceptance })}\n`);
  else
    io.stdout.write(
      `accepted run ${run.id} of ${run.drill}: later runs are compared with it${acceptance.recurring ? ', and with those before it' : ''}\n`,
    );
  if (!options.json && run.verdict !== 'passed')
    io.stderr.write(
      `its verdict stays ${run.verdict ?? run.status}; run it again: ${toShell(['firedrill', 'run', run.drill])}\n`,
    );
  return EXIT.passed;
}

function requireMeasured({ id, status, checks }: RunRecord): void {
  if (status === 'running')
    throw new DrillError('usage', `run ${id} is still in progress`, { hint: 'Accept it once it has ended.' });
  if (checks.some(({ measured }) => measured !== undefined)) return;
  throw new DrillError('usage', `run ${id} measured nothing that later runs could be compared with`, {
    hint: 'Accept a run that got as far as its checks, of a drill with a baseline or a check such as rows, schema or compare.',
  });
}
