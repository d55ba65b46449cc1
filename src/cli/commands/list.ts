import { clearScreenDown, cursorTo } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Drill } from '../../config/drill-file.ts';
import { readDrills } from '../../config/load-drills.ts';
import { problemsNote } from '../../config/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { Tone } from '../../record/history-view.ts';
import type { SilenceMatch } from '../../record/silence-store.ts';
import type { Store } from '../../record/store.ts';
import { readBudgetMonth } from '../../status/budget-month.ts';
import { type ListRow, listRows } from '../../status/list-rows.ts';
import { readStandingsOnce } from '../../status/read-standings-once.ts';
import { matchesDrill } from '../../status/silenced.ts';
import { DrillError, EXIT, formatError } from '../../support/errors.ts';
import { formatInstant } from '../../support/instants.ts';
import { toJson } from '../../support/json.ts';
import { formatCount } from '../../support/quantities.ts';
import { toShell } from '../../support/shell.ts';
import type { StandingState } from '../../support/vocabulary.ts';
import { type RunLinks, runLinks } from '../hyperlinks.ts';
import { formatTable, type Paint, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface ListOptions {
  readonly config: string | undefined;
  /** Only drills that are not proven. */
  readonly failed: boolean;
  /** Only drills of this tier, of this owner; undefined: of any. */
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  /** Only drills with all of these; undefined: with any or none. */
  readonly label: Readonly<Record<string, string>> | undefined;
  /** Redraws the list until Ctrl-C; only on a terminal. */
  readonly watch: boolean;
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
 * @throws DrillError `usage` for `watch` without a terminal.
 */
export async function listCommand(tools: Toolbox, options: ListOptions): Promise<number> {
  const { io } = tools;
  if (options.watch && !io.terminal)
    throw new DrillError('usage', '--watch needs a terminal', {
      hint: 'Leave it out, or use --json and run the command again when you need it.',
    });
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  if (options.watch && io.terminal) {
    await watch(tools, io.terminal.stdout, () => look(tools, settings, store, options));
    return EXIT.interrupted;
  }
  const { table, rows, notes, isBroken } = await look(tools, settings, store, options);
  if (options.json) for (const row of rows) io.stdout.write(`${toJson({ type: 'drill', ...row })}\n`);
  else io.stdout.write(`${table}\n`);
  for (const note of notes) io.stderr.write(`${note}\n`);
  return isBroken ? EXIT.usage : EXIT.passed;
}

const WATCH_EVERY_MS = 2000;

/** Redraws the whole screen until Ctrl-C. */
async function watch(
  { io, clock }: Toolbox,
  screen: NodeJS.WriteStream,
  lookAgain: () => Promise<Look>,
): Promise<void> {
  io.service.takeOver({ first: '', second: '' });
  const paint = painter(io, io.stdout);
  while (!io.interrupt.aborted) {
    const { table, notes } = await lookAgain();
    cursorTo(screen, 0, 0);
    clearScreenDown(screen);
    io.stdout.write(
      `${paint('dim', `${formatInstant(clock.now())}; Ctrl-C to exit`)}\n\n${[table, ...notes].join('\n')}\n`,
    );
    await wait(WATCH_EVERY_MS, undefined, { signal: io.interrupt }).catch(() => undefined); // Ctrl-C ends it early
  }
}

interface Look {
  readonly rows: readonly ListRow[];
  readonly table: string;
  /** Information besides the list: identities, the scheduler, broken files. */
  readonly notes: readonly string[];
  /** Whether a drill file is broken. */
  readonly isBroken: boolean;
}

async function look(tools: Toolbox, settings: Settings, store: Store, options: ListOptions): Promise<Look> {
  const { io } = tools;
  const { drills: all, problems } = await readDrills([settings.drillsDir], tools.loadOptions(settings));
  const drills = all.filter((drill) => matchesDrill(toMatch(options), drill));
  const now = tools.clock.now();
  const standings = await readStandingsOnce(store, drills, now);
  const budget = await readBudgetMonth(store, settings.limits.costPerMonth, now);
  const rows = listRows(standings.drills, now).filter(({ state }) => !options.failed || !PROVEN.includes(state));
  const isSilent = standings.schedulerSilence !== undefined && drills.some(({ schedule }) => schedule !== undefined);
  return {
    rows,
    table:
      rows.length > 0
        ? formatRows(rows, painter(io, io.stdout), linksTo(drills, runLinks(io, settings.publicUrl)), io.stdout.columns)
        : describeNone(all, options),
    notes: [
      ...describeUnusableIdentities(rows, drills),
      ...(isSilent
        ? [`${standings.schedulerSilence}: nothing starts these drills by themselves; start one with: firedrill serve`]
        : []),
      ...(budget?.exceeded === undefined ? [] : [budget.exceeded]),
      ...(problems.length > 0 ? [formatError(problemsNote(problems))] : []),
    ],
    isBroken: problems.length > 0,
  };
}

/** States that need no attention. */
const PROVEN: readonly StandingState[] = ['passed', 'running'];

function toMatch({ tier, owner, label }: ListOptions): SilenceMatch {
  return {
    ...(tier !== undefined && { tier }),
    ...(owner !== undefined && { owner }),
    ...(label && { labels: label }),
  };
}

function describeNone(all: readonly Drill[], options: ListOptions): string {
  if (all.length === 0) return 'no drill file is valid';
  const { failed, tier, owner, label = {} } = options;
  const of = [
    ...(tier === undefined ? [] : [`of tier ${tier}`]),
    ...(owner === undefined ? [] : [`of ${printable(owner)}`]),
    ...Object.entries(label).map(([key, value]) => `with ${printable(`${key}=${value}`)}`),
  ].join(' ');
  const chosen = of === '' ? `${formatCount(all.length)} drills` : `drills ${of}`;
  return failed ? `none of the ${chosen} needs attention` : `there are no ${chosen}`;
}

/** A recovery identity that does not work, regardless of its drill's state. */
function describeUnusableIdentities(rows: readonly ListRow[], drills: readonly Drill[]): readonly string[] {
  return rows.flatMap(({ drill, recoveryIdentity }) => {
    if (recoveryIdentity?.state !== 'failed') return [];
    const file = drills.find(({ name }) => name === drill)?.place.file ?? drill;
    const again = toShell(['firedrill', 'run', file, '--as', 'recovery']);
    return [`${printable(drill)}: ${printable(recoveryIdentity.sentence)}. Correct it, then run: ${again}`];
  });
}

function describeState({ sentence, acknowledged, silenced, recoveryIdentity, proof }: ListRow): string {
  return [sentence, acknowledged?.sentence, silenced?.sentence, recoveryIdentity?.sentence, proof?.sentence]
    .filter(Boolean)
    .join('; ');
}

/** The name of a drill and the age of its newest run are links. */
function linksTo(drills: readonly Drill[], links: RunLinks) {
  const files = new Map(drills.map(({ name, file }) => [name, file]));
  return ({ drill, lastRun }: ListRow, column: number, text: string): string => {
    if (column === 1) return links.drill(text, drill, files.get(drill));
    return column === 2 && lastRun !== undefined ? links.run(text, lastRun) : text;
  };
}

function formatRows(
  rows: readonly ListRow[],
  paint: Paint,
  link: ReturnType<typeof linksTo>,
  width: number | undefined,
): string {
  const cells = rows.map((row) => [WORDS[row.state], row.drill, row.age, row.recovery, describeState(row)]);
  return formatTable(
    [['VERDICT', 'DRILL', 'LAST RUN', 'RECOVERY', 'STATE'], ...cells],
    (index, column, text) => {
      const row = rows[index - 1];
      if (!row) return paint('dim', text);
      return column === 0 ? paintTone(paint, row.tone, text) : link(row, column, text);
    },
    width,
  );
}
