import { EXIT } from '../../support/errors.ts';
import { painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface LogsOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

/** `firedrill logs RUN`: everything that a run logged, in order, instants in UTC. */
export async function logsCommand(tools: Toolbox, runId: string, options: LogsOptions): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const run = await store.getRun(runId);
  const paint = painter(tools.io, tools.io.stdout);
  for (const { at, level, message } of await store.getLog(run.id)) {
    if (options.json) {
      tools.io.stdout.write(`${JSON.stringify({ type: 'log', runId: run.id, at, level, message })}\n`);
      continue;
    }
    const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
    tools.io.stdout.write(
      `${paint('dim', at.toISOString())} ${paint(colour, level.padEnd(5))} ${printable(message)}\n`,
    );
  }
  return EXIT.passed;
}
