import { historyRows } from '../../record/history-view.ts';
import { EXIT } from '../../support/errors.ts';
import { formatTable, painter } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { paintTone } from './list.ts';

export interface HistoryOptions {
  readonly config: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

/** `firedrill history [DRILL]`: past runs, newest first. An empty one says how to get a first. */
export async function historyCommand(
  tools: Toolbox,
  drill: string | undefined,
  options: HistoryOptions,
): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const runs = await store.findRuns({ limit: options.limit, ...(drill === undefined ? {} : { drill }) });
  if (options.json) {
    for (const run of runs) {
      const definition = JSON.parse(run.definition) as unknown;
      tools.io.stdout.write(`${JSON.stringify({ type: 'run', ...run, definition })}\n`);
    }
    return EXIT.passed;
  }
  if (runs.length === 0) {
    const of = drill === undefined ? '' : ` of ${drill}`;
    tools.io.stderr.write(
      `no run${of} yet in ${settings.storePath}; start one with: firedrill run ${drill ?? 'drills/shop.yaml'}\n`,
    );
    return EXIT.passed;
  }
  const rows = historyRows(runs, tools.clock.now());
  const paint = painter(tools.io, tools.io.stdout);
  const cells = rows.map((row) => [row.state, row.drill, row.id, row.age, row.recovery, row.sentence]);
  const table = formatTable(
    [['VERDICT', 'DRILL', 'RUN', 'STARTED', 'RECOVERY', 'WHY'], ...cells],
    (index, column, text) => {
      const row = rows[index - 1];
      if (!row) return paint('dim', text);
      return column === 0 ? paintTone(paint, row.tone, text) : text;
    },
    tools.io.stdout.columns,
  );
  tools.io.stdout.write(`${table}\n`);
  return EXIT.passed;
}
