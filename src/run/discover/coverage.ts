import type { Recognised } from '../../backup/discovery/recognise.ts';
import type { Series } from '../../backup/discovery/series.ts';
import { type Candidate, compileMatch } from '../../backup/selection/candidates.ts';
import type { Drill } from '../../config/drill-file.ts';
import type { ServerDatabases } from '../../engines/sql-descriptor.ts';
import type { DatabaseFinding, SeriesFinding } from '../../record/discovery-store.ts';

/** A drill, and the address of its source. */
export interface Coverer {
  readonly drill: Pick<Drill, 'name' | 'backup' | 'engine' | 'checks'>;
  readonly address: string;
  readonly hasPassed: boolean;
}

/** A series and where it was found. */
export interface FoundSeries {
  /** Human-readable. */
  readonly source: string;
  /** The prefix that the source's keys are relative to. */
  readonly root: string;
  readonly prefix: string;
  readonly series: Series;
  readonly content: Recognised;
}

/** Finds the drills that select the newest backup of a series. A series whose names are not alike is covered only if drills select all backups in it. */
export function coverSeries(
  { source, root, prefix, series, content }: FoundSeries,
  coverers: readonly Coverer[],
): SeriesFinding {
  const { match, count, newest, newestAt, intervalMs, isStopped, isJoined, members } = series;
  const selects = (coverer: Coverer, candidate: Candidate) => doesSelect(coverer, candidate, root, prefix);
  const covering = coverers.filter((coverer) => selects(coverer, newest));
  const isCovered = isJoined
    ? members.every((candidate) => coverers.some((coverer) => selects(coverer, candidate)))
    : covering.length > 0;
  const stateOf = (): SeriesFinding['state'] => {
    if (!isCovered) return 'not-covered';
    if (isStopped) return 'stopped';
    return covering.some(({ hasPassed }) => hasPassed) ? 'covered' : 'never-passed';
  };
  return {
    kind: 'series',
    state: stateOf(),
    source,
    match,
    backups: count,
    newest: newest.key,
    newestAt,
    intervalMs,
    isStopped,
    engine: content.engine,
    content: content.what,
    databases: content.databases,
    drills: covering.map(({ drill }) => drill.name),
  };
}

function doesSelect(
  { address, drill }: Coverer,
  { key, aliases = [] }: Candidate,
  root: string,
  prefix: string,
): boolean {
  const isMatch = compileMatch(drill.backup.match);
  const names = [key, ...aliases.map((alias) => prefix + alias)].map((name) => root + name.replace(/\/$/, ''));
  return names.some((name) => name.startsWith(address) && isMatch(name.slice(address.length)));
}

/** Merges the databases of servers and those in dumps that hold several. Databases of the same name on two servers are separate. */
export function coverDatabases(
  series: readonly SeriesFinding[],
  servers: readonly ServerDatabases[],
  coverers: readonly Coverer[],
  isRelated: (engine: string, other: string) => boolean,
): DatabaseFinding[] {
  const named = coverers.map((coverer) => ({ ...coverer, names: namesOf(coverer, series) }));
  const find = (
    engine: string,
    name: string,
    server: string | undefined,
    sizeBytes: number | undefined,
  ): DatabaseFinding => {
    const holding = series.filter(
      (one) => one.engine !== undefined && isRelated(one.engine, engine) && one.databases.includes(name),
    );
    const covering = named.filter(({ drill, names }) => isRelated(drill.engine.type, engine) && names.has(name));
    const stateOf = (): DatabaseFinding['state'] => {
      if (covering.length === 0) return holding.length === 0 ? 'no-backup' : 'not-covered';
      return covering.some(({ hasPassed }) => hasPassed) ? 'covered' : 'never-passed';
    };
    return {
      kind: 'database',
      state: stateOf(),
      server,
      engine,
      name,
      sizeBytes,
      foundIn: holding.map(describeSeries),
      drills: covering.map(({ drill }) => drill.name),
    };
  };
  const running = servers.flatMap(({ engine, server, databases }) =>
    databases.map(({ name, sizeBytes }) => find(engine, name, server, sizeBytes)),
  );
  const isKnown = (engine: string, name: string) =>
    running.some((one) => isRelated(one.engine, engine) && one.name === name);
  const dumped = series
    .filter(({ databases }) => databases.length > 1)
    .flatMap(({ engine = '', databases }) =>
      databases.flatMap((name) => (isKnown(engine, name) ? [] : [{ engine, name }])),
    );
  const unique = new Map(dumped.map((one) => [`${one.engine} ${one.name}`, one]));
  return [...running, ...[...unique.values()].map(({ engine, name }) => find(engine, name, undefined, undefined))];
}

/** The databases that a drill restores by name or checks; if it names none, the ones in its backups. */
function namesOf({ drill }: Coverer, series: readonly SeriesFinding[]): ReadonlySet<string> {
  const checked = drill.checks.flatMap((check) =>
    'database' in check && check.database !== undefined ? [check.database] : [],
  );
  if (drill.engine.database !== undefined) return new Set([drill.engine.database, ...checked]);
  const own = series.filter(({ drills, databases }) => drills.includes(drill.name) && databases.length === 1);
  return new Set([...checked, ...own.flatMap(({ databases }) => databases)]);
}

function describeSeries({ source, match }: SeriesFinding): string {
  return `${source.replace(/\/$/, '')}/${match}`;
}
