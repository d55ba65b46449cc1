import { type Damage, type DamageSession, refusalOf } from '../../engines/damage.ts';
import type { Server } from '../../engines/engine.ts';
import type { Ask, DigestTable } from '../../engines/fingerprint.ts';
import type { QueryResult } from '../../engines/query-result.ts';
import type { SqlAccess } from '../../engines/sql-access.ts';
import type { ProofEntry } from '../../record/run-record.ts';
import { asDrillError, DrillError } from '../../support/errors.ts';
import type { DamageName } from '../../support/vocabulary.ts';
import type { CheckSpec } from '../registry.ts';
import { requireSqlAccess } from '../require-sql-access.ts';
import { type RunChecksOptions, runChecks } from '../run-checks.ts';
import type { SessionPool } from '../session-pool.ts';
import { planDamages, type TableState } from './plan-damages.ts';

export interface ProveOptions extends Omit<RunChecksOptions, 'onCheck' | 'onWarning'> {
  readonly server: Server;
  readonly database: string;
  readonly checks: readonly CheckSpec[];
  /** The kinds of damage to try. */
  readonly kinds: ReadonlySet<DamageName>;
  /** Called with each trial as it ends. */
  readonly onTrial: (entry: ProofEntry) => void;
}

const QUERY = { timeoutMs: 3_600_000, maxRows: 200_000 };

/**
 * Damages the largest table of a restored copy in several ways, one at a time and each rolled back, and runs the drill's checks on each. A check that fails has
 * caught the damage. One that can no longer be run (`check-malformed`) has not: a real drill would be errored, and not blame the backup.
 * @throws what opening the session and damaging throw, and the signal's reason.
 */
export async function proveChecks({
  server,
  database,
  checks,
  kinds,
  onTrial,
  ...options
}: ProveOptions): Promise<readonly ProofEntry[]> {
  const { signal } = options;
  const sql = requireSqlAccess(server);
  await using session = await sql.openDamageSession(database, signal);
  const ask: Ask = (sql) => session.query(sql, { ...QUERY, signal });
  const state = await readLargest(sql, ask);
  const catalog = sql.openCatalog((text) => ask(text));
  if (!state) return [];
  const entries: ProofEntry[] = [];
  for (const { damage, words, advice } of planDamages(state, (name) => catalog.quote(name))) {
    signal.throwIfAborted();
    if (!kinds.has(damage.kind)) continue;
    const changed = await tryDamage(session, state, damage);
    if (changed === 0) continue;
    if (typeof changed === 'string') {
      const refused = { kind: damage.kind, damage: words, caughtBy: [], advice: undefined, skipped: changed };
      entries.push(refused);
      onTrial(refused);
      continue;
    }
    const caughtBy = await findCatching(poolOn(sql, session, database), checks, options);
    await session.undo();
    const entry = { kind: damage.kind, damage: words, caughtBy, advice: caughtBy.length > 0 ? undefined : advice };
    entries.push(entry);
    onTrial(entry);
  }
  return entries;
}

const REFUSED = 'a constraint or a trigger of the table refuses it';

/** @returns the number of rows changed, or why the server refused. Throws errors that ended the session or do not come from the server. */
async function tryDamage(session: DamageSession, state: TableState, damage: Damage): Promise<number | string> {
  try {
    return await session.damage(state, damage);
  } catch (thrown) {
    await session.undo().catch(() => {
      throw thrown;
    });
    const refusal = refusalOf(thrown);
    if (!refusal) throw thrown;
    return refusal.isByTable ? REFUSED : `the server could not do it (SQLSTATE ${refusal.sqlState})`;
  }
}

/** The names of the checks that fail. */
async function findCatching(
  pool: SessionPool,
  checks: readonly CheckSpec[],
  options: RunChecksOptions,
): Promise<readonly string[]> {
  const catching: string[] = [];
  for (const check of checks) {
    try {
      const [record] = await runChecks(pool, [check], options);
      if (record && !record.passed) catching.push(check.name);
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (asDrillError(thrown).code !== 'check-malformed') throw thrown;
    }
  }
  return catching;
}

/** A program uses its own session, which does not see uncommitted changes of this transaction. */
class ProgramNotRun extends DrillError {
  constructor() {
    super('check-malformed', 'a program does not see damage that is rolled back');
  }
}

/** A pool of one session, with one query at a time. */
function poolOn(server: SqlAccess, session: DamageSession, defaultDatabase: string): SessionPool {
  const refuse = () =>
    Promise.reject<QueryResult>(new DrillError('check-malformed', `a proof is about ${defaultDatabase} only`));
  let last: Promise<unknown> = Promise.resolve();
  const query: SessionPool['query'] = (sql, { database = defaultDatabase, ...options }) => {
    if (database !== defaultDatabase) return refuse();
    const result = last.then(() => session.query(sql, options));
    last = result.catch(() => undefined);
    return result;
  };
  const read = server.openCatalog((sql, maxRows) =>
    query(sql, { database: undefined, maxRows, timeoutMs: QUERY.timeoutMs, signal: new AbortController().signal }),
  );
  // files are not damaged, and a server may commit what is needed to inspect them
  const catalog = { ...read, findDamage: async () => [] };
  // queries to other databases are refused, so that their tables do not look missing
  const ofOthers = server.openCatalog(refuse);
  return {
    size: 1,
    query,
    catalog: (database = defaultDatabase) => (database === defaultDatabase ? catalog : ofOthers),
    hasher: server.hasher,
    dataFiles: undefined,
    applications: undefined,
    program: () => Promise.reject(new ProgramNotRun()),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** The largest table in bytes that has rows, and whose damage can be rolled back. */
async function readLargest(server: SqlAccess, ask: Ask): Promise<TableState | undefined> {
  const tables = await server.hasher.listTables(ask);
  const catalog = server.openCatalog((sql) => ask(sql));
  const keys = await catalog.keys();
  for (const table of tables
    .filter(({ outsideSnapshot }) => outsideSnapshot === undefined)
    .toSorted((a, b) => b.bytes - a.bytes)) {
    const [digest] = await server.hasher.digest(ask, table, undefined);
    if (!digest) continue;
    const own = keys.filter((key) => isOf(table, key.table));
    const unique = new Set(own.flatMap(({ columns }) => columns));
    return {
      table,
      key: own.find(({ kind }) => kind === 'primary')?.columns ?? [],
      rows: Number(digest.rows),
      columns: table.columns.filter(({ name }) => !unique.has(name)),
      filled: new Map(Object.entries(digest.filled).map(([column, count]) => [column, Number(count)])),
    };
  }
  return undefined;
}

function isOf(
  { name }: DigestTable,
  { schema, name: own }: { readonly schema: string; readonly name: string },
): boolean {
  return name === own || name === `${schema}.${own}`;
}
