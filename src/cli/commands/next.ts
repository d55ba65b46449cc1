import { existsSync } from 'node:fs';
import type { Drill, Schedule } from '../../config/drill-file.ts';
import type { Settings } from '../../config/settings.ts';
import { type Coming, type LookAhead, lookAhead } from '../../schedule/look-ahead.ts';
import { hasCron, makeRestrictions, makeTimetable } from '../../schedule/timetable.ts';
import { DAY_MS } from '../../schedule/wall-clock.ts';
import { findBlock } from '../../schedule/windows.ts';
import { type BudgetMonth, readBudgetMonth } from '../../status/budget-month.ts';
import { readSilences, withPauses } from '../../status/silenced.ts';
import { EXIT } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { formatAge, formatCount, formatDuration } from '../../support/quantities.ts';
import { selectDrills } from '../select-drills.ts';
import { formatTable, painter } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface NextOptions {
  readonly config: string | undefined;
  readonly days: number;
  /** Maximum number of runs across all drills, soonest first; undefined: all. */
  readonly limit: number | undefined;
  readonly json: boolean;
}

/** Maximum number of runs shown per drill, so that one that runs every 15 minutes does not hide the others. */
const SHOWN_RUNS = 20;

/**
 * `firedrill next`: scheduled runs, soonest first, in each drill's zone; what blocks a run, which drills wait for a new backup or are started manually, and
 * who has paused them. Does not read backups.
 */
export async function nextCommand(tools: Toolbox, patterns: readonly string[], options: NextOptions): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  const { drills: written, refused } = await selectDrills(tools, settings, patterns, {
    all: patterns.length === 0,
    as: undefined,
  });
  const now = tools.clock.now();
  const { drills, budget } = await readStored(tools, settings, written, now);
  const until = new Date(now.getTime() + options.days * DAY_MS);
  const perDrill = options.limit ?? (options.json ? Number.POSITIVE_INFINITY : SHOWN_RUNS);
  const all = drills.map((drill) => ({ drill, ...look(drill, now, until, perDrill) }));
  const ahead = options.limit === undefined ? all : chooseSoonest(all, options.limit);
  if (options.json) tools.io.stdout.write(formatJson(ahead, now));
  else if (ahead.length > 0) tools.io.stdout.write(formatRows(tools, toRows(ahead, now, options.days)));
  else tools.io.stderr.write('none of these drills runs by the clock; leave out --limit to see when they run\n');
  if (budget?.exceeded !== undefined) tools.io.stderr.write(`${budget.exceeded}\n`);
  return refused ? EXIT.usage : EXIT.passed;
}

/** The drills with their pauses. A store that does not exist yet has none, and is not created. */
async function readStored(
  tools: Toolbox,
  settings: Settings,
  drills: readonly Drill[],
  now: Date,
): Promise<{ readonly drills: readonly Drill[]; readonly budget: BudgetMonth | undefined }> {
  if (settings.store.kind === 'sqlite' && !existsSync(settings.store.path)) return { drills, budget: undefined };
  await using store = await tools.openStore(settings);
  const silences = await readSilences(store, now);
  const budget = await readBudgetMonth(store, settings.limits.costPerMonth, now);
  return { drills: drills.map((drill) => withPauses(drill, silences)), budget };
}

interface Ahead extends LookAhead {
  readonly drill: Drill;
}

function look({ name, schedule }: Drill, now: Date, until: Date, limit: number): LookAhead {
  if (!schedule || !hasCron(schedule)) return { coming: [], moreCount: 0, first: undefined };
  return lookAhead(makeTimetable(name, schedule), now, until, limit);
}

/** Only the soonest runs across all drills; entries without a time are omitted, and so is the number of later runs. */
function chooseSoonest(all: readonly Ahead[], limit: number): readonly Ahead[] {
  const runs = all.flatMap(({ coming, first }) => (first ? [...coming, first] : coming));
  const soonest = new Set(runs.toSorted((a, b) => a.due.at.getTime() - b.due.at.getTime()).slice(0, limit));
  return all
    .map((one) => ({
      ...one,
      coming: one.coming.filter((run) => soonest.has(run)),
      first: one.first && soonest.has(one.first) ? one.first : undefined,
      moreCount: 0,
    }))
    .filter(({ coming, first }) => coming.length > 0 || first);
}

interface Row {
  /** undefined: sorted last. */
  readonly at: Date | undefined;
  readonly cells: readonly [when: string, zone: string, inWords: string, drill: string, note: string];
  readonly tone: 'plain' | 'blocked' | 'aside';
}

function toRows(ahead: readonly Ahead[], now: Date, days: number): Row[] {
  const within = days === 1 ? 'within a day' : `within ${days} days`;
  const until = now.getTime() + days * DAY_MS;
  const rows = ahead.flatMap(({ drill: { name, schedule }, coming, first, moreCount }) => {
    if (!schedule) {
      const racer = ahead.find(({ drill }) => drill.schedule && drill.race?.includes(name))?.drill.name;
      return [
        racer === undefined
          ? noteRow('by hand only', name, 'it has no schedule')
          : noteRow(`after ${racer}`, name, `${racer} races with it`),
      ];
    }
    const waiting = schedule.onNewBackup ? [toWaitingRow(name, schedule, schedule.onNewBackup.pollMs, now)] : [];
    if (!hasCron(schedule)) return waiting;
    const rows = coming.map((one) => toRow(name, one, now, ''));
    const remark = coming.length === 0 ? `nothing ${within}` : `nothing starts ${within}`;
    if (first) rows.push(toRow(name, first, now, first.due.at.getTime() > until ? remark : ''));
    else if (coming.every(({ due }) => due.blocked))
      rows.push(noteRow('never', name, 'every run that was found is blocked'));
    if (moreCount > 0) rows.push(noteRow('later', name, `${formatCount(moreCount)} more ${within}`));
    return [...rows, ...waiting];
  });
  const order = ({ at }: Row) => at?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return rows.sort((a, b) => order(a) - order(b));
}

function toRow(drill: string, { due, when, zone, note }: Coming, now: Date, remark: string): Row {
  const inWords = `in ${formatAge(due.at.getTime() - now.getTime())}`;
  const cells = [when, zone, inWords, drill, [note, remark].filter(Boolean).join('; ')] as const;
  return { at: due.at, cells, tone: due.blocked ? 'blocked' : 'plain' };
}

function toWaitingRow(drill: string, schedule: Schedule, pollMs: number, now: Date): Row {
  const block = findBlock(makeRestrictions(schedule), now.getTime());
  const note = [`looked for every ${formatDuration(pollMs)}`, block && `now ${block.reason}`]
    .filter(Boolean)
    .join('; ');
  return { at: undefined, cells: ['after each new backup', '', '', drill, note], tone: block ? 'blocked' : 'plain' };
}

function noteRow(when: string, drill: string, note: string): Row {
  return { at: undefined, cells: [when, '', '', drill, note], tone: 'aside' };
}

function formatRows({ io }: Toolbox, rows: readonly Row[]): string {
  const paint = painter(io, io.stdout);
  const table = formatTable(
    [['WHEN', 'ZONE', 'IN', 'DRILL', 'NOTE'], ...rows.map(({ cells }) => cells)],
    (index, column, text) => {
      const tone = rows[index - 1]?.tone;
      if (tone === undefined || tone === 'aside') return paint('dim', text);
      return tone === 'blocked' && (column === 0 || column === 4) ? paint('yellow', text) : text;
    },
    io.stdout.columns,
  );
  return `${table}\n`;
}

/**
 * `due`: a run; `withinDays: false` for the first start when none falls within the period. `on-new-backup`: runs after each new backup;
 * `blocked` while none may start. `by-hand`: a drill without a schedule.
 */
function formatJson(ahead: readonly Ahead[], now: Date): string {
  const lines = ahead.flatMap(({ drill: { name, schedule }, coming, first }): unknown[] => {
    if (!schedule) return [{ type: 'by-hand', drill: name }];
    const toLine = ({ due, note }: Coming, withinDays: boolean) => ({
      type: 'due',
      drill: name,
      ...due,
      timezone: schedule.timezone,
      withinDays,
      note,
    });
    const waiting = schedule.onNewBackup && {
      type: 'on-new-backup',
      drill: name,
      pollMs: schedule.onNewBackup.pollMs,
      timezone: schedule.timezone,
      blocked: findBlock(makeRestrictions(schedule), now.getTime()),
    };
    const lines = [...coming.map((one) => toLine(one, true)), ...(first ? [toLine(first, false)] : [])];
    return [...lines, ...(waiting ? [waiting] : [])];
  });
  return lines.map((line) => `${toJson(line)}\n`).join('');
}
