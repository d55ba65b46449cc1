import { historyRows } from '../../record/history-view.ts';
import type { RunFilter, Store } from '../../record/store.ts';
import { describeStore } from '../../record/store-address.ts';
import { EXIT } from '../../support/errors.ts';
import { formatWallTime } from '../../support/instants.ts';
import { toJson } from '../../support/json.ts';
import { formatDuration } from '../../support/quantities.ts';
import type { ShownState } from '../../support/vocabulary.ts';
import { runLinks } from '../hyperlinks.ts';
import { formatTable, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { paintTone } from './list.ts';

export interface HistoryOptions {
  readonly config: string | undefined;
  readonly limit: number;
  /** undefined: any outcome. */
  readonly states: readonly ShownState[] | undefined;
  /** Only runs that started within this time; undefined: all. */
  readonly sinceMs: number | undefined;
  /** Lists skipped runs instead of runs. */
  readonly skipped: boolean;
  readonly json: boolean;
}

/** `firedrill history [DRILL]`: past runs, newest first, or skipped ones. If there are none, explains how to start the first one. */
export async function historyCommand(
  tools: Toolbox,
  drill: string | undefined,
  options: HistoryOptions,
): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  if (options.skipped) return await showSkipped(tools, store, drill, options); // keeps the store open until the output is complete
  const runs = await store.findRuns(toFilter(drill, options, tools.clock.now()));
  if (options.json) {
    for (const run of runs) {
      const definition = JSON.parse(run.definition) as unknown;
      tools.io.stdout.write(`${toJson({ type: 'run', ...run, definition })}\n`);
    }
    return EXIT.passed;
  }
  if (runs.length === 0) {
    tools.io.stderr.write(`${describeNone(drill, options, describeStore(settings.store))}\n`);
    return EXIT.passed;
  }
  const rows = historyRows(runs, tools.clock.now());
  const paint = painter(tools.io, tools.io.stdout);
  const links = runLinks(tools.io, settings.publicUrl);
  const cells = rows.map((row) => [row.state, row.drill, row.id, row.age, row.recovery, row.sentence]);
  const table = formatTable(
    [['VERDICT', 'DRILL', 'RUN', 'STARTED', 'RECOVERY', 'WHY'], ...cells],
    (index, column, text) => {
      const row = rows[index - 1];
      if (!row) return paint('dim', text);
      if (column === 0) return paintTone(paint, row.tone, text);
      if (column === 1) return links.drill(text, row.drill, undefined);
      return column === 2 ? links.run(text, row.id) : text;
    },
    tools.io.stdout.columns,
  );
  tools.io.stdout.write(`${table}\n`);
  return EXIT.passed;
}

function toFilter(drill: string | undefined, { limit, states, sinceMs }: HistoryOptions, now: Date): RunFilter {
  return {
    limit,
    ...(drill === undefined ? {} : { drill }),
    ...(states === undefined ? {} : { states }),
    ...(sinceMs === undefined ? {} : { since: new Date(now.getTime() - sinceMs) }),
  };
}

function describeNone(drill: string | undefined, { states, sinceMs }: HistoryOptions, store: string): string {
  const of = drill === undefined ? '' : ` of ${drill}`;
  const within = sinceMs === undefined ? '' : ` within ${formatDuration(sinceMs)}`;
  if (states !== undefined) return `no runs${of} that are ${states.join(' or ')}${within}`;
  if (sinceMs !== undefined) return `no runs${of}${within}`;
  const next =
    drill === undefined ? 'start one with: firedrill run drills/shop.yaml' : '`firedrill list` shows the drills';
  return `no runs${of} yet in ${store}; ${next}`;
}

/** Skips with the same kind and reason share a row. */
async function showSkipped(
  { io }: Toolbox,
  store: Store,
  drill: string | undefined,
  { limit, json }: HistoryOptions,
): Promise<number> {
  const skips = await store.findSkips({ limit, ...(drill === undefined ? {} : { drill }) });
  if (json) {
    for (const skip of skips) io.stdout.write(`${toJson({ type: 'skip', ...skip })}\n`);
    return EXIT.passed;
  }
  if (skips.length === 0) {
    io.stderr.write(`nothing that was due${drill === undefined ? '' : ` of ${drill}`} was skipped\n`);
    return EXIT.passed;
  }
  const paint = painter(io, io.stdout);
  const cells = skips.map((skip) => {
    const span = [skip.first, skip.last].map((at) => formatWallTime(at.getTime()));
    return [[...new Set(span)].join(' – '), skip.drill, skip.kind, String(skip.count), printable(skip.reason)];
  });
  const table = formatTable(
    [['DUE (UTC)', 'DRILL', 'SKIPPED', 'RUNS', 'WHY'], ...cells],
    (index, _column, text) => (index === 0 ? paint('dim', text) : text),
    io.stdout.columns,
  );
  io.stdout.write(`${table}\n`);
  return EXIT.passed;
}
