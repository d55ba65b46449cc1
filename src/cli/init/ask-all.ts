import { resolve } from 'node:path';
import { findDriver } from '../../backup/registry.ts';
import type { Settings } from '../../config/settings.ts';
import { ENGINE_TYPES, type EngineType } from '../../engines/registry.ts';
import type { Store } from '../../record/store.ts';
import type { DiscoveredSeries } from '../../run/discover/discover.ts';
import { DrillError } from '../../support/errors.ts';
import { nameOfSeries } from '../discovery-text.ts';
import { freeName, takenNames } from '../drafts/free-name.ts';
import { rpoOfSeries } from '../drafts/series-draft.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { formatChoices, type ListedSeries, listSeries, seriesOfMatch } from './list-series.ts';
import type { Prompter } from './prompter.ts';
import { proposeSchedule } from './propose-schedule.ts';
import { type AnswerName, explainAnswer, type InitFlags, NONE, QUESTIONS } from './questions.ts';

export interface InitAnswers {
  readonly source: string;
  /** Keys of the source besides its URL, as in a drill file. */
  readonly sourceKeys: Readonly<Record<string, unknown>>;
  /** undefined: taken from the series. */
  readonly match: string | undefined;
  /** undefined: the location was not listed, or the given pattern selects nothing in it. */
  readonly series: DiscoveredSeries | undefined;
  readonly engine: EngineType;
  /** Where to read the key that decrypts the backups. */
  readonly key: string | undefined;
  readonly name: string;
  readonly rto: string;
  /** `-` for none, like {@link schedule} and {@link channel}. */
  readonly rpo: string;
  readonly schedule: string;
  readonly channel: string;
  readonly database: string;
  readonly table: string;
  /** Whether to restore the newest backup, to propose checks and to verify it. */
  readonly isRestored: boolean;
}

export interface AskContext {
  readonly settings: Settings;
  readonly store: Store;
  readonly prompter: Prompter;
}

const DEFAULT_RTO = '15m';
const DEFAULT_RPO = '26h';

/**
 * Collects the answers from flags, from the contents of the location and, on a terminal, from questions.
 * @throws DrillError `usage` for missing flags without a terminal, and if the user cancels.
 */
export async function askAll(
  tools: Toolbox,
  flags: InitFlags & { readonly restore?: boolean | undefined; readonly endpoint?: string | undefined },
  ctx: AskContext,
): Promise<InitAnswers> {
  const { prompter, settings } = ctx;
  const answer: Answer = async (name, fallback, { isAsked = true, check = () => undefined } = {}) => {
    const given = flags[name];
    if (given !== undefined) return given;
    if (!prompter.canAsk || !isAsked) return fallback ?? '';
    const { ask } = QUESTIONS[name];
    return await prompter.ask({ ask, fallback, check: (text) => explainAnswer(name, text) ?? check(text) });
  };
  const { source, sourceKeys, match, series } = await askForBackups(tools, flags, ctx, answer);
  const isEncrypted = series?.kind === 'encrypted';
  const key = flags.key ?? (isEncrypted && prompter.canAsk ? await answer('key', undefined) : undefined);
  const known = series?.finding.engine;
  const engine = flags.engine ?? known ?? (await answer('engine', ENGINE_TYPES[0]));
  const taken = await takenNames(tools, settings, resolve(tools.io.cwd, settings.drillsDir));
  const proposed = freeName(nameOfSeries(match ?? series?.finding.match ?? ''), (one) => taken.has(one));
  const explainTaken = (text: string) => (taken.has(text) ? `${taken.get(text)} has this name` : undefined);
  const name = await answer('name', proposed, { check: explainTaken });
  const problem = explainTaken(name);
  if (problem !== undefined)
    throw new DrillError('usage', problem, { hint: 'Choose another --name, or edit that file.' });
  const rto = await answer('rto', DEFAULT_RTO);
  const usual = series && rpoOfSeries(series.finding);
  const rpo = await answer('rpo', prompter.canAsk ? (usual ?? DEFAULT_RPO) : (usual ?? NONE));
  const schedule = await answer('schedule', prompter.canAsk ? proposeSchedule(series?.finding) : NONE);
  const hasChannels = settings.notify.channels.length > 0;
  const channel = await answer('channel', NONE, { isAsked: !hasChannels });
  const isRestored =
    flags.restore ??
    (prompter.canAsk &&
      (await prompter.confirm('Restore the newest backup now, verify it, and propose checks from it?')));
  return {
    ...{ source, sourceKeys, match, series, key, name, rto, rpo, schedule, channel, isRestored },
    engine: ENGINE_TYPES.find((type) => type === engine) ?? ENGINE_TYPES[0],
    database: await answer('database', '', { isAsked: false }),
    table: await answer('table', '', { isAsked: !isRestored }),
  };
}

/** @param fallback used if there is no terminal, or the answer is empty. */
type Answer = (
  name: AnswerName,
  fallback: string | undefined,
  options?: { readonly isAsked?: boolean; readonly check?: (answer: string) => string | undefined },
) => Promise<string>;
type Backups = Pick<InitAnswers, 'source' | 'sourceKeys' | 'match' | 'series'>;

/** Asks where the backups are, until some are found or the user gives a pattern for their names. */
async function askForBackups(
  tools: Toolbox,
  flags: Parameters<typeof askAll>[1],
  ctx: AskContext,
  answer: Answer,
): Promise<Backups> {
  const { io, clock } = tools;
  const { prompter } = ctx;
  const source = await answer('source', undefined);
  const sourceKeys = await askForSetup(flags, prompter, source);
  const isKnown = flags.match !== undefined && flags.engine !== undefined;
  const listed = isKnown ? NOT_LISTED : await listSeries(tools, { source, keys: sourceKeys }, ctx);
  const { series } = listed;
  const { match } = flags;
  const isChosen = match !== undefined || !prompter.canAsk;
  if (isChosen) return { source, sourceKeys, match, series: selectSeries(source, listed, flags, prompter.canAsk) };
  for (const problem of listed.problems) tellProblem(tools, problem);
  if (series.length === 0) {
    if (listed.problems.length === 0) io.stdout.write(printable(`No backups were recognized in ${source}.\n`));
    if (flags.source === undefined && !(await prompter.confirm('Continue with this location?')))
      return await askForBackups(tools, flags, ctx, answer);
    return { source, sourceKeys, match: await answer('match', undefined), series: undefined };
  }
  io.stdout.write(`${formatChoices(series, clock.now())}\n`);
  const check = (text: string) => (series[Number(text) - 1] ? undefined : `answer 1 to ${series.length}`);
  const chosen = await prompter.ask({ ask: 'Which backups should the drill restore?', fallback: '1', check });
  return { source, sourceKeys, match: undefined, series: series[Number(chosen) - 1] };
}

/** There is nothing to detect. */
const NOT_LISTED: ListedSeries = { series: [], problems: [] };

async function askForSetup(
  { endpoint }: { readonly endpoint?: string | undefined },
  prompter: Prompter,
  source: string,
): Promise<Readonly<Record<string, unknown>>> {
  const setup = findDriver(source)?.setup;
  if (!setup && endpoint !== undefined)
    throw new DrillError('usage', `--endpoint has no meaning for ${source}`, { hint: 'Leave it out.' });
  if (!setup) return {};
  const value = endpoint ?? (prompter.canAsk ? await prompter.ask({ ask: setup.ask, fallback: '' }) : '');
  return value === '' ? {} : { [setup.key]: value, ...setup.with };
}

/** The series that `--match` selects, or the only readable one. Without a terminal, there must be one, or an engine. */
function selectSeries(
  source: string,
  { series, problems }: ListedSeries,
  { match, engine }: InitFlags,
  canAsk: boolean,
): DiscoveredSeries | undefined {
  const readable = series.filter(({ kind }) => kind !== 'unreadable');
  const known = readable.length > 0 ? readable : series;
  const free = known.filter(({ finding }) => finding.drills.length === 0);
  const usable = free.length > 0 ? free : known;
  const fitting = match === undefined ? usable : [seriesOfMatch(series, match)].filter((one) => one !== undefined);
  const [only, ...others] = fitting;
  if (others.length > 0) {
    const names = fitting.map(({ finding }) => `--match '${finding.match}'`);
    throw new DrillError('usage', `${source} has ${names.length} series of backups; --match must select one`, {
      hint: `Add one of: ${names.slice(0, MAX_NAMES).join(', ')}.`,
    });
  }
  const isEnough = match !== undefined && (canAsk || engine !== undefined);
  if (only ? canAsk || engine !== undefined || only.finding.engine !== undefined : isEnough) return only;
  const [problem] = problems;
  const what = match === undefined ? 'no backups were recognized' : `no backup that matches ${match} was recognized`;
  const message = problem ? `${problem.where}: ${problem.message}` : `${source}: ${only?.finding.content ?? what}`;
  throw new DrillError('usage', message, { hint: 'To write the drill anyway, add --match and --engine.' });
}

const MAX_NAMES = 10;

function tellProblem({ io, redact }: Toolbox, { where, message, hint }: ListedSeries['problems'][number]): void {
  io.stderr.write(`${printable(redact(`WARNING: ${where}: ${message}`))}\n`);
  if (hint !== undefined) io.stderr.write(`${printable(redact(`HINT: ${hint}`))}\n`);
}
