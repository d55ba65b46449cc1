import { readDrills } from '../../config/load-drills.ts';
import { problemsError } from '../../config/problem.ts';
import { type DrillState, LIST_RUN_LIMIT, type ListRow, listRows, type Tone } from '../../record/history-view.ts';
import type { RunRecord } from '../../record/run-record.ts';
import { EXIT, formatError } from '../../support/errors.ts';
import { formatTable, type Paint, painter } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface ListOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

const COLOURS: Record<Tone, Parameters<Paint>[0]> = { bad: 'red', warn: 'yellow', busy: 'cyan', good: 'green' };
const WORDS: Record<DrillState, string> = {
  never: 'NEVER',
  failed: 'FAILED',
  errored: 'ERRORED',
  interrupted: 'INTERRUPTED',
  running: 'running',
  passed: 'passed',
};

/** Colour of a tone, the same in every table. */
export function paintTone(paint: Paint, tone: Tone, text: string): string {
  return paint(COLOURS[tone], text);
}

/** `firedrill list`: what was never proven and what fails comes first. Broken drill files are told; they are not on the list. */
export async function listCommand(tools: Toolbox, options: ListOptions): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  const { drills, problems } = await readDrills([settings.drillsDir], tools.loadOptions(settings));
  await using store = await tools.openStore(settings);
  const runs = new Map<string, readonly RunRecord[]>();
  for (const { name } of drills) runs.set(name, await store.findRuns({ drill: name, limit: LIST_RUN_LIMIT }));
  const rows = listRows(drills, (name) => runs.get(name) ?? [], tools.clock.now());
  if (options.json) {
    for (const { lastRun, ...row } of rows)
      tools.io.stdout.write(`${JSON.stringify({ type: 'drill', ...row, lastRun: lastRun?.id })}\n`);
  } else {
    tools.io.stdout.write(`${formatRows(rows, painter(tools.io, tools.io.stdout), tools.io.stdout.columns)}\n`);
  }
  if (problems.length === 0) return EXIT.passed;
  tools.io.stderr.write(`${formatError(problemsError(problems))}\n`);
  return EXIT.usage;
}

function formatRows(rows: readonly ListRow[], paint: Paint, width: number | undefined): string {
  const cells = rows.map((row) => [WORDS[row.state], row.drill, row.age, row.recovery, row.sentence]);
  return formatTable(
    [['VERDICT', 'DRILL', 'LAST RUN', 'RECOVERY', 'STATE'], ...cells],
    (index, column, text) => {
      const row = rows[index - 1];
      if (!row) return paint('dim', text);
      return column === 0 ? paintTone(paint, row.tone, text) : text;
    },
    width,
  );
}
