import { join } from 'node:path';
import picomatch from 'picomatch';
import { type Recognised, recognise } from '../../backup/discovery/recognise.ts';
import { groupSeries, type Series } from '../../backup/discovery/series.ts';
import { findCandidates } from '../../backup/selection/candidates.ts';
import type { BackupSource, StoredObject } from '../../backup/source.ts';
import type { Drill } from '../../config/drill-file.ts';
import { readDrills, readDrillText } from '../../config/load-drills.ts';
import { problemsError } from '../../config/problem.ts';
import { ENGINE_TYPES } from '../../engines/registry.ts';
import { worstExitCode } from '../../judge/outcome.ts';
import { asDrillError, DrillError, EXIT, exitCodeOf, formatError } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { formatAge } from '../../support/quantities.ts';
import { toShell } from '../../support/shell.ts';
import { draftDrill } from '../init-text.ts';
import { formatTable, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface DiscoverOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

type State = 'not-covered' | 'stopped' | 'never-passed' | 'covered';
const STATES: Readonly<Record<State, string>> = {
  'not-covered': 'not covered',
  stopped: 'stopped',
  'never-passed': 'never passed',
  covered: 'covered',
};

interface Row {
  readonly state: State;
  readonly source: string;
  readonly drills: readonly string[];
  readonly series: Series;
  readonly content: Recognised;
}

type Spec = Drill['backup']['source'];
interface Place {
  readonly spec: Spec;
  /** As the user wrote it; undefined: from a drill. */
  readonly given: string | undefined;
}

/** More series are listed and compared, but not read. */
const MAX_RECOGNISED = 500;

/** `firedrill discover`: which backups of a source no drill covers. Lists, reads the beginning of the newest of each series, and changes nothing. */
export async function discoverCommand(
  tools: Toolbox,
  given: readonly string[],
  options: DiscoverOptions,
): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(options.config);
  const sources: Place[] = [];
  for (const text of given) sources.push({ spec: await parseSource(tools, text), given: text });
  const { drills, problems } = await readDrillsOrNone(tools, settings, given.length > 0);
  if (problems.length > 0) io.stderr.write(`${formatError(problemsError(problems))}\n`);
  if (given.length === 0)
    for (const { backup } of drills) {
      const isKnown = sources.some(({ spec }) => JSON.stringify(spec) === JSON.stringify(backup.source));
      if (!isKnown) sources.push({ spec: backup.source, given: undefined });
    }
  await using store = await tools.openStore(settings);
  const passed = new Set<string>();
  for (const { name } of drills) if (await store.getBaseline(name)) passed.add(name);
  const codes: number[] = problems.length > 0 ? [EXIT.usage] : [];
  const rows: Row[] = [];
  for (const place of sources) {
    try {
      rows.push(...(await look(tools, place, drills, passed)));
    } catch (thrown) {
      io.interrupt.throwIfAborted();
      const error = asDrillError(thrown, 'locate');
      io.stderr.write(`${printable(tools.redact(formatError(error)))}\n`);
      codes.push(exitCodeOf(error));
    }
  }
  const order = Object.keys(STATES);
  const backups = rows
    .filter(({ content, drills: by }) => content.kind !== 'no-backup' || by.length > 0)
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const now = tools.clock.now();
  const write = options.json ? printJson : printTable;
  io.stdout.write(`${tools.redact(write(backups, rows.length - backups.length, now))}\n`);
  // no backups at all prove no coverage
  if (backups.length === 0 || backups.some(({ state }) => state !== 'covered')) codes.push(EXIT.failed);
  return worstExitCode(codes);
}

/** With sources given, there may be no drills yet. */
async function readDrillsOrNone(tools: Toolbox, settings: Awaited<ReturnType<Toolbox['loadSettings']>>, may: boolean) {
  try {
    return await readDrills([settings.drillsDir], tools.loadOptions(settings));
  } catch (thrown) {
    if (may && asDrillError(thrown, 'locate').code === 'drill-not-found') return { drills: [], problems: [] };
    throw thrown;
  }
}

/** Through a drill of any engine, so that a source means what it means there. */
async function parseSource({ io }: Toolbox, text: string): Promise<Spec> {
  const answers = {
    name: 'discover',
    engine: ENGINE_TYPES[0],
    match: '**',
    rto: '1h',
    rpo: '',
    database: '',
    table: '',
  } as const;
  const { drill, problems } = await readDrillText(
    join(io.cwd, 'discover.yaml'),
    draftDrill({ ...answers, source: text }),
    io,
  );
  if (drill) return drill.backup.source;
  throw new DrillError('usage', `${text}: ${problems[0]?.message ?? 'is not a source'}`, {
    hint: 'Write it as `backup.source` of a drill: ./backups, s3://BUCKET/PREFIX/ or rclone:REMOTE:PATH.',
  });
}

async function look(
  tools: Toolbox,
  { spec, given }: Place,
  drills: readonly Drill[],
  passed: ReadonlySet<string>,
): Promise<Row[]> {
  const { io, backups } = tools;
  const source = await backups.openSource(spec);
  try {
    const objects: StoredObject[] = [];
    for await (const object of source.list(io.interrupt)) objects.push(object);
    const engines = await Promise.all(ENGINE_TYPES.map((type) => backups.engineOf(type)));
    const where = { prefix: source.prefix, match: '**', layouts: engines[0]?.layouts ?? [] };
    const all = groupSeries(findCandidates(objects, where).matched, backups.clock.now());
    const covers = await Promise.all(drills.map((drill) => coverage(tools, drill)));
    const rows: Row[] = [];
    for (const [index, series] of all.entries()) {
      const at = `${identityOf(spec)} ${rootOf(source)}${series.newest.key.replace(/\/$/, '')}`;
      const by = drills.filter((_, which) => covers[which]?.(at)).map(({ name }) => name);
      const content =
        index < MAX_RECOGNISED
          ? await recognise(source, series.newest, engines, io.interrupt)
          : ({ kind: 'unreadable', engine: undefined, what: `not read (limit ${MAX_RECOGNISED})` } as const);
      rows.push({
        state: stateOf(series, by, passed),
        source: given ?? source.description,
        drills: by,
        series,
        content,
      });
    }
    return rows;
  } finally {
    source.close();
  }
}

function stateOf({ isStopped }: Series, drills: readonly string[], passed: ReadonlySet<string>): State {
  if (drills.length === 0) return 'not-covered';
  if (isStopped) return 'stopped';
  return drills.some((name) => passed.has(name)) ? 'covered' : 'never-passed';
}

/** @returns whether the drill's `match` takes the backup at a place. */
async function coverage({ backups }: Toolbox, { backup }: Drill): Promise<(at: string) => boolean> {
  const source = await backups.openSource(backup.source);
  const root = `${identityOf(backup.source)} ${rootOf(source)}${source.prefix}`;
  source.close();
  const isMatch = picomatch(backup.match.replace(/^\.?\/+/, '').replace(/\/$/, ''));
  return (at) => at.startsWith(root) && isMatch(at.slice(root.length));
}

/** Two stores may have a bucket of the same name. */
function identityOf(spec: Spec): string {
  return `${spec.type} ${'endpoint' in spec ? String(spec.endpoint) : ''}`;
}

/** What all keys of a source are below. */
function rootOf({ description, prefix }: BackupSource): string {
  if (prefix !== '' && description.endsWith(prefix)) return description.slice(0, -prefix.length);
  return description.endsWith('/') ? description : `${description}/`;
}

function initCommand({ source, series, content }: Row): string {
  const name = series.match
    .toLowerCase()
    .replaceAll(/\.[a-z.]*$/g, '')
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return toShell([
    ...['firedrill', 'init', '--name', name.slice(0, 60) || 'backup'],
    ...(content.engine === undefined ? [] : ['--engine', content.engine]),
    ...['--source', source, '--match', series.match, '--rto', '15m'],
  ]);
}

function totalsOf(rows: readonly Row[]): Record<State, number> {
  const count = (state: State) => rows.filter((row) => row.state === state).length;
  return {
    'not-covered': count('not-covered'),
    stopped: count('stopped'),
    'never-passed': count('never-passed'),
    covered: count('covered'),
  };
}

function printJson(rows: readonly Row[], ignored: number): string {
  const lines = rows.map((row) => {
    const { state, source, drills, content, series } = row;
    const { match, count, newest, newestAt, intervalMs, isStopped } = series;
    const init = state === 'not-covered' ? initCommand(row) : undefined;
    const { engine, what } = content;
    return {
      type: 'series',
      state,
      source,
      match,
      backups: count,
      newest: newest.key,
      newestAt,
      intervalMs,
      isStopped,
      engine,
      content: what,
      drills,
      init,
    };
  });
  return [...lines, { type: 'totals', series: rows.length, ...totalsOf(rows), ignored }]
    .map((line) => toJson(line))
    .join('\n');
}

function printTable(rows: readonly Row[], ignored: number, now: Date): string {
  const cells = rows.map(({ state, source, series, content, drills }) => [
    state === 'not-covered' && series.isStopped ? `${STATES[state]}, stopped` : STATES[state],
    series.match,
    String(series.count),
    formatAge(Math.max(0, now.getTime() - series.newestAt.getTime())),
    content.what,
    drills.join(', ') || '–',
    source,
  ]);
  const head = ['STATE', 'BACKUPS', 'COUNT', 'NEWEST', 'CONTENT', 'DRILL', 'SOURCE'];
  const hints = rows.filter(({ state }) => state === 'not-covered').map((row) => `  ${printable(initCommand(row))}`);
  const totals = Object.entries(totalsOf(rows)).map(([state, count]) => `${count} ${STATES[state as State]}`);
  return [
    ...(rows.length > 0 ? [formatTable([head, ...cells], (_row, _column, text) => text)] : []),
    `${rows.length} series: ${totals.join(', ')}${ignored > 0 ? `; ${ignored} ignored (no backups)` : ''}`,
    ...(hints.length > 0 ? ['To cover them:', ...hints] : []),
  ].join('\n');
}
