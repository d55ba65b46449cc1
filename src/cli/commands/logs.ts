import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine, Store } from '../../record/store.ts';
import { markAbandonedInterrupted } from '../../status/abandoned-runs.ts';
import { EXIT } from '../../support/errors.ts';
import { findRun } from '../find-run.ts';
import { type Paint, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface LogsOptions {
  readonly config: string | undefined;
  /** Continues until the run ends, or Ctrl-C. */
  readonly follow: boolean;
  readonly json: boolean;
}

/** How often a run in progress is polled for new lines. */
const FOLLOW_EVERY_MS = 500;

/** `firedrill logs RUN`: everything that a run logged, in order, with times in UTC. @param word see {@link findRun}. */
export async function logsCommand(tools: Toolbox, word: string, options: LogsOptions): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const run = await findRun(store, word);
  io.service.takeOver({ first: '', second: '' });
  const paint = painter(io, io.stdout);
  for await (const line of options.follow ? follow(store, run.id, tools) : await store.getLog(run.id)) {
    const text = options.json ? JSON.stringify({ type: 'log', runId: run.id, ...line }) : formatLine(line, paint);
    io.stdout.write(`${text}\n`);
  }
  return io.interrupt.aborted ? EXIT.interrupted : EXIT.passed;
}

function formatLine({ at, level, message }: LogLine, paint: Paint): string {
  const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
  return `${paint('dim', at.toISOString())} ${paint(colour, level.padEnd(5))} ${printable(message)}`;
}

/** Reads the state before the lines, so that no line written before the end is missed. A run whose process is gone has ended. */
async function* follow(
  store: Pick<Store, 'getRun' | 'getLog'>,
  runId: string,
  { io: { interrupt }, clock }: Pick<Toolbox, 'io' | 'clock'>,
): AsyncIterable<LogLine> {
  for (let seen = 0; !interrupt.aborted; ) {
    const [run] = markAbandonedInterrupted([await store.getRun(runId)], clock.now());
    const lines = await store.getLog(runId, seen);
    seen += lines.length;
    yield* lines;
    if (run?.status !== 'running') return;
    await sleep(FOLLOW_EVERY_MS, undefined, { signal: interrupt }).catch(() => undefined); // Ctrl-C ends it early
  }
}
