import type { Drill } from '../../config/drill-file.ts';
import { readDrills } from '../../config/load-drills.ts';
import { problemsError } from '../../config/problem.ts';
import type { Tone } from '../../record/history-view.ts';
import { type ListRow, listRows } from '../../status/list-rows.ts';
import { readStandingsOnce } from '../../status/read-standings-once.ts';
import { EXIT, formatError } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { toShell } from '../../support/shell.ts';
import type { StandingState } from '../../support/vocabulary.ts';
import { formatTable, type Paint, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface ListOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

const COLOURS: Record<Tone, Parameters<Paint>[0]> = { bad: 'red', warn: 'yellow', busy: 'cyan', good: 'green' };
const WORDS: Record<StandingState, string> = {
  broken: 'BROKEN',
  never: 'NEVER',
  failed: 'FAILED',
  'no-new-backup': 'NO NEW BACKUP',
  overdue: 'OVERDUE',
  errored: 'ERRORED',
  interrupted: 'INTERRUPTED',
  running: 'running',
  passed: 'passed',
};

/** Applies a tone's color, the same in every table. */
export function paintTone(paint: Paint, tone: Tone, text: string): string {
  return paint(COLOURS[tone], text);
}

/**
 * `firedrill list`: drills that were never proven or are failing come first. Broken drill files are reported but not listed. A missing scheduler is
 * reported when drills have schedules.
 */
export async function listCommand(tools: Toolbox, options: ListOptions): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(options.config);
  const { drills, problems } = await readDrills([settings.drillsDir], tools.loadOptions(settings));
  await using store = await tools.openStore(settings);
  const now = tools.clock.now();
  const standings = await readStandingsOnce(store, drills, now);
  const rows = listRows(standings.drills, now);
  if (options.json) for (const row of rows) io.stdout.write(`${toJson({ type: 'drill', ...row })}\n`);
  else io.stdout.write(`${formatRows(rows, painter(io, io.stdout), io.stdout.columns)}\n`);
  for (const text of describeUnusableIdentities(rows, drills)) io.stderr.write(`${text}\n`);
  if (standings.schedulerSilence !== undefined && drills.some(({ schedule }) => schedule !== undefined))
    io.stderr.write(
      `${standings.schedulerSilence}: nothing starts these drills by themselves; start one with: firedrill serve\n`,
    );
  if (problems.length === 0) return EXIT.passed;
  io.stderr.write(`${formatError(problemsError(problems))}\n`);
  return EXIT.usage;
}

/** A recovery identity that does not work, whatever the state of its drill. */
function describeUnusableIdentities(rows: readonly ListRow[], drills: readonly Drill[]): readonly string[] {
  return rows.flatMap(({ drill, recoveryIdentity }) => {
    if (recoveryIdentity?.state !== 'failed') return [];
    const file = drills.find(({ name }) => name === drill)?.place.file ?? drill;
    const again = toShell(['firedrill', 'run', file, '--as', 'recovery']);
    return [`${printable(drill)}: ${printable(recoveryIdentity.sentence)}. Correct it, then run: ${again}`];
  });
}

function describeState({ sentence, recoveryIdentity, proof }: ListRow): string {
  return [sentence, recoveryIdentity?.sentence, proof?.sentence].filter(Boolean).join('; ');
}

function formatRows(rows: readonly ListRow[], paint: Paint, width: number | undefined): string {
  const cells = rows.map((row) => [WORDS[row.state], row.drill, row.age, row.recovery, describeState(row)]);
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
