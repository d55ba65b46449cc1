import { COMPARED_SECTIONS, type ComparedRow, compareRuns, findLastPass } from '../../record/compare-runs.ts';
import type { RunRecord } from '../../record/run-record.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { findRun } from '../find-run.ts';
import { formatTable, painter } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface CompareOptions {
  readonly config: string | undefined;
  /** Only differences. */
  readonly changed: boolean;
  readonly json: boolean;
}

/**
 * `firedrill runs compare RUN [OTHER]`: two runs side by side, the older one first; a single run is compared with its drill's previous pass.
 * @param word and `other`, see {@link findRun}.
 * @throws DrillError `run-not-found`, also if there is no earlier pass; `usage` if both are the same run.
 */
export async function compareCommand(
  tools: Toolbox,
  word: string,
  other: string | undefined,
  options: CompareOptions,
): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const run = await findRun(store, word);
  const pair = other === undefined ? await findLastPass(store, run) : await findRun(store, other);
  if (!pair)
    throw new DrillError('run-not-found', `no run of ${run.drill} passed before ${run.id}`, {
      hint: 'Name the run to compare it with; `firedrill history` lists them.',
    });
  if (pair.id === run.id)
    throw new DrillError('usage', `${word} and ${other} are both run ${run.id}`, {
      hint: `Leave one out to compare it with the last pass before it, or choose from: firedrill history --drill ${run.drill}`,
    });
  const [before, after] = run.startedAt < pair.startedAt ? [run, pair] : [pair, run];
  const rows = compareRuns(before, after).filter(({ change }) => !options.changed || change !== '');
  if (options.json) io.stdout.write(`${toJson({ type: 'comparison', before: before.id, after: after.id, rows })}\n`);
  else io.stdout.write(`${formatComparison(tools, [before, after], rows)}\n`);
  return EXIT.passed;
}

function formatComparison(
  { io }: Toolbox,
  runs: readonly [RunRecord, RunRecord],
  rows: readonly ComparedRow[],
): string {
  const paint = painter(io, io.stdout);
  const room = roomFor(rows, io.stdout.columns);
  const cut = (text: string) => (text.length > room ? `${text.slice(0, room - 1)}…` : text);
  const cells = COMPARED_SECTIONS.flatMap((section) => {
    const within = rows.filter((row) => row.section === section);
    return within.length === 0
      ? []
      : [
          [section.toUpperCase(), ...(section === 'run' ? runs.map((run) => nameRun(run, room)) : ['', '']), ''],
          ...within.map(({ label, before, after, change }) => [label, cut(before), cut(after), change]),
        ];
  });
  return formatTable(
    cells,
    (index, column, text) => {
      const [label = '', , , change = ''] = cells[index] ?? [];
      if (COMPARED_SECTIONS.some((section) => section.toUpperCase() === label)) return paint('dim', text);
      return change !== '' && column > 0 ? paint('yellow', text) : text;
    },
    io.stdout.columns,
  );
}

function nameRun({ drill, id }: RunRecord, room: number): string {
  const name = `${drill} ${id}`;
  return name.length > room ? id : name;
}

/** @returns the width of a run's column at which both fit side by side; `--json` has the whole text. */
function roomFor(rows: readonly ComparedRow[], columns: number | undefined): number {
  if (columns === undefined) return DEFAULT_ROOM;
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(({ length }) => length));
  const others = widest(rows.map(({ label }) => label)) + widest(rows.map(({ change }) => change));
  return Math.max(MIN_ROOM, Math.floor((columns - others) / 2) - GAP_WIDTH - 1);
}

const GAP_WIDTH = 2;
/** Of an id. */
const MIN_ROOM = 22;
/** Without a terminal. */
const DEFAULT_ROOM = 40;
