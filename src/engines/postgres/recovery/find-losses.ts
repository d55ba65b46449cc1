import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { PostgresServer } from '../server/postgres-server.ts';

interface Losses {
  readonly prepared: number;
  readonly unlogged: number;
  /** Names of some of the unlogged tables. */
  readonly names: readonly string[];
  readonly collations: string | null;
  readonly subscriptions: number;
  readonly eventTriggers: number;
}

/** Maximum number of tables listed by name; the rest are counted. */
const MAX_NAMED = 3;

/**
 * What is missing from a recovered copy compared to the backed-up server, or does not run there: one sentence
 * each.
 * @param database the one that checks run in: tables and event triggers of others are not examined.
 */
export async function findLosses(
  server: PostgresServer,
  database: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const losses = await readLosses(server, database, signal);
  const jobs = await countJobs(server, new Set([database, 'postgres']), signal);
  return describeLosses(losses, jobs);
}

/** Pure. @param jobs number of active pg_cron jobs. */
export function describeLosses(losses: Losses, jobs: number): readonly string[] {
  const { prepared, unlogged, names, collations, subscriptions, eventTriggers } = losses;
  const named = names.map((name) => toPrintable(name)).join(', ');
  const rest = unlogged > names.length ? ` and ${formatCount(unlogged - names.length)} more` : '';
  return [
    ...(prepared > 0
      ? [`${count(prepared, 'prepared transaction')} still open: the rows are not visible, and the locks are held`]
      : []),
    ...(unlogged > 0
      ? [`${count(unlogged, 'unlogged table')} empty, as after any recovery from files: ${named}${rest}`]
      : []),
    ...(collations
      ? [
          `text was sorted by version ${toPrintable(collations)}: indexes on text may not find every row; use an image of the backed-up server’s operating system`,
        ]
      : []),
    ...(subscriptions > 0 ? [`${count(subscriptions, 'subscription')} switched off in the copy`] : []),
    ...(jobs > 0 ? [`${count(jobs, 'pg_cron job')} switched off in the copy`] : []),
    ...(eventTriggers > 0 ? [`${count(eventTriggers, 'event trigger')} switched off in the copy`] : []),
  ];
}

function readLosses(server: PostgresServer, database: string, signal: AbortSignal): Promise<Losses> {
  return server.withSession(database, signal, async (client) => {
    const { rows } = await client.query<Record<keyof Losses, unknown> & Pick<Losses, 'names' | 'collations'>>(
      `WITH unlogged AS (SELECT nspname || '.' || relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                          WHERE relkind = 'r' AND relpersistence = 'u')
       SELECT (SELECT count(*) FROM pg_prepared_xacts) AS prepared,
              (SELECT count(*) FROM unlogged) AS unlogged,
              ARRAY(SELECT name FROM unlogged ORDER BY name LIMIT ${MAX_NAMED}) AS names,
              ${server.major >= 15 ? OTHER_COLLATION : 'NULL'} AS collations,
              (SELECT count(*) FROM pg_subscription WHERE subenabled) AS subscriptions,
              ${server.major >= EVENT_TRIGGERS_OFF ? ENABLED_TRIGGERS : '0'} AS "eventTriggers"`,
    );
    const [found] = rows;
    return {
      prepared: Number(found?.prepared ?? 0),
      unlogged: Number(found?.unlogged ?? 0),
      names: found?.names ?? [],
      collations: found?.collations ?? null,
      subscriptions: Number(found?.subscriptions ?? 0),
      eventTriggers: Number(found?.eventTriggers ?? 0),
    };
  });
}

/** The first version with a setting that disables them; older versions have none that fire on login. */
const EVENT_TRIGGERS_OFF = 17;
const ENABLED_TRIGGERS = "(SELECT count(*) FROM pg_event_trigger WHERE evtenabled <> 'D')";

/** Text order is the operating system's, and index pages are copied unchanged. */
const OTHER_COLLATION = `(SELECT datcollversion || ' of the collations, and the sandbox has ' || pg_database_collation_actual_version(oid)
   FROM pg_database WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid))`;

/** In the databases where pg_cron may keep its jobs. An object of that name that is not the extension's table is not read: a view could run anything. */
async function countJobs(server: PostgresServer, databases: ReadonlySet<string>, signal: AbortSignal): Promise<number> {
  let jobs = 0;
  for (const database of databases) {
    jobs += await server.withSession(database, signal, async (client) => {
      const { rowCount } = await client.query(IS_CRON_TABLE);
      if (!rowCount) return 0;
      const { rows } = await client.query<{ jobs: string }>('SELECT count(*) AS jobs FROM cron.job WHERE active');
      return Number(rows[0]?.jobs ?? 0);
    });
  }
  return jobs;
}

const IS_CRON_TABLE = `SELECT FROM pg_class JOIN pg_depend ON pg_depend.classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
   JOIN pg_extension ON refclassid = 'pg_extension'::regclass AND refobjid = pg_extension.oid
  WHERE extname = 'pg_cron' AND relkind = 'r' AND relname = 'job' AND relnamespace = to_regnamespace('cron')
    AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'active' AND atttypid = 'bool'::regtype)`;

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? ' is' : 's are'}`;
}
