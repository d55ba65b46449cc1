import type { Silence } from '../../record/silence-store.ts';
import { makeSilence } from '../../status/make-silence.ts';
import { describeMatch, endOfSilence, phaseOf, readSilences } from '../../status/silenced.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { formatInstant } from '../../support/instants.ts';
import { toJson } from '../../support/json.ts';
import { formatAge } from '../../support/quantities.ts';
import { chooseDrills, type DrillChoice } from '../choose-drills.ts';
import { formatTable, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';

export interface SilenceAddOptions extends DrillChoice {
  readonly config: string | undefined;
  readonly from: string | undefined;
  readonly until: string | undefined;
  readonly for: string | undefined;
  readonly reason: string | undefined;
  /** Whether scheduled runs are also paused. */
  readonly pause: boolean;
  readonly json: boolean;
}

/**
 * `firedrill silence add`: plans a window in which no alerts are sent about drills.
 * @param patterns drills, by name or file; empty: selected by the options.
 * @throws DrillError `usage` for a wrong instant, duration or reason, or if no drill matches; `drill-not-found`.
 */
export async function silenceAddCommand(
  tools: Toolbox,
  patterns: readonly string[],
  options: SilenceAddOptions,
): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  const { drills, match, refused } = await chooseDrills(tools, settings, patterns, options);
  const made = makeSilence({
    match,
    from: options.from,
    until: options.until,
    for: options.for,
    reason: options.reason ?? '',
    pausesRuns: options.pause,
    at: tools.clock.now(),
    by: userName(),
  });
  if ('problem' in made) throw new DrillError('usage', `--${made.problem.field} ${made.problem.message}`);
  await using store = await tools.openStore(settings);
  await store.addSilence(made);
  const names = drills.map(({ name }) => name);
  if (options.json) tools.io.stdout.write(`${toJson({ type: 'silence', ...made, drills: names })}\n`);
  else tools.io.stdout.write(`${describeMade(made, names)}\n`);
  return refused ? EXIT.usage : EXIT.passed;
}

const SHOWN_NAMES = 5;

/** `3f9a1c22: no alerts from 1 Dec 2026, 02:00 UTC for 4 h about 3 drills (owner payments): orders, ledger, crm`. */
function describeMade(made: Omit<Silence, 'ended'>, names: readonly string[]): string {
  const effect = made.pausesRuns ? 'no alerts and no scheduled runs' : 'no alerts';
  const lasts = formatAge(made.until.getTime() - made.from.getTime());
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
  const which = `${names.slice(0, SHOWN_NAMES).join(', ')}${more}`;
  const count = names.length === 1 ? '1 drill' : `${names.length} drills`;
  return printable(`${made.id}: ${effect} from ${formatInstant(made.from)} for ${lasts}; ${count}: ${which}`);
}

/** `firedrill silence list`: current and upcoming silences. @param options.all also those of the last year that are over. */
export async function silenceListCommand(
  tools: Toolbox,
  { config, all, json }: { readonly config: string | undefined; readonly all: boolean; readonly json: boolean },
): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(config);
  await using store = await tools.openStore(settings);
  const now = tools.clock.now();
  const silences = (await readSilences(store, now)).filter((one) => all || phaseOf(one, now) !== 'over');
  if (json) {
    for (const one of silences) io.stdout.write(`${toJson({ type: 'silence', phase: phaseOf(one, now), ...one })}\n`);
    return EXIT.passed;
  }
  if (silences.length === 0) {
    io.stderr.write(`no silences${all ? '' : ' now or ahead; --all shows those of the last year'}\n`);
    return EXIT.passed;
  }
  const paint = painter(io, io.stdout);
  const rows = silences.map((one) => [
    one.id,
    describePhase(one, now),
    formatInstant(one.from),
    formatInstant(endOfSilence(one)),
    one.pausesRuns ? 'paused' : 'go on',
    describeMatch(one.match),
    one.by,
    one.ended ? `${one.reason} (ended by ${one.ended.by})` : one.reason,
  ]);
  const table = formatTable(
    [['ID', 'STATE', 'FROM', 'UNTIL', 'RUNS', 'FOR', 'BY', 'REASON'], ...rows],
    (index, _column, text) => (index === 0 ? paint('dim', text) : text),
    io.stdout.columns,
  );
  io.stdout.write(`${table}\n`);
  return EXIT.passed;
}

function describePhase(silence: Silence, now: Date): string {
  const phase = phaseOf(silence, now);
  return phase === 'over' && silence.ended && silence.ended.at <= silence.from ? 'withdrawn' : phase;
}

/** `firedrill silence remove`: ends silences, or withdraws upcoming ones. @throws DrillError `usage` for an id that is unknown or over. */
export async function silenceRemoveCommand(
  tools: Toolbox,
  ids: readonly string[],
  { config }: { readonly config: string | undefined },
): Promise<number> {
  const settings = await tools.loadSettings(config);
  await using store = await tools.openStore(settings);
  for (const id of ids) {
    if (!(await store.endSilence(id, tools.clock.now(), userName())))
      throw new DrillError('usage', `no silence ${JSON.stringify(id)} applies or is ahead`, {
        hint: '`firedrill silence list` shows their ids.',
      });
    tools.io.stdout.write(`${id}: ended; problems that last are alerted again\n`);
  }
  return EXIT.passed;
}
