import { formatCount } from '../../../support/quantities.ts';
import { type Answers, askEach } from '../../server/ask-each.ts';
import type { Session } from './connect.ts';
import type { MysqlServer } from './mysql-server.ts';
import { quoteName, quoteText } from './quoting.ts';
import { isDiskFull, isLoss, numberOf, withoutValues } from './server-errors.ts';

/** Maximum number of tables to query: each costs up to a millisecond. */
export const MAX_ASKED = 5000;

/** A table or a partition that could not be read. */
export interface Unanswered {
  /** `shop.orders`, `shop.ledger (partition p2026)`. */
  readonly name: string;
  /** The server's error number; undefined: the query succeeded but did not return rows that the table has. */
  readonly number?: number;
  /** Its message, without values. */
  readonly why: string;
}

/** A table or a partition that can be queried. */
interface Asked {
  readonly name: string;
  readonly from: string;
  /** Whether its index file counts its rows, so that a count costs nothing: MyISAM and Aria. */
  readonly isCounted: boolean;
}

/**
 * Reads one row of every table and partition, the largest first, on as many sessions as there are CPUs.
 */
export async function askTables(
  server: MysqlServer,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<Answers<Unanswered>> {
  const all = await server.administer(signal, (session) => listAsked(session, databases));
  return askEach<Asked, Session, Unanswered>(all, {
    limit: MAX_ASKED,
    batchSize: 1,
    sessions: server.options.cpus,
    withSession: (use) => server.administer(signal, use),
    ask: async (session, batch) => {
      const found: Unanswered[] = [];
      for (const table of batch) {
        const unanswered = await askTable(session, table);
        if (unanswered) found.push(unanswered);
      }
      return found;
    },
  });
}

/** Without `USE INDEX ()`, an index alone may suffice. The server does not report an empty MyISAM data file as an error: it returns no row. */
export async function askTable(
  session: Pick<Session, 'ask'>,
  { name, from, isCounted }: Asked,
): Promise<Unanswered | undefined> {
  try {
    const rows = await session.ask(`SELECT 1 FROM ${from} USE INDEX () LIMIT 1`);
    if (rows.length > 0 || !isCounted) return undefined;
    const [[count] = []] = await session.ask(`SELECT COUNT(*) FROM ${from}`);
    if (!(Number(count) > 0)) return undefined;
    return { name, why: `its index file counts ${formatCount(Number(count))} rows, and its data file has none` };
  } catch (error) {
    const number = numberOf(error);
    if (number === 0 || isLoss(error) || isDiskFull(error)) throw error;
    return { name, number, why: withoutValues(String((error as Error).message)) };
  }
}

/** A query on a partitioned table does not read all of its partitions, so these are queried individually. A table of MRG_MyISAM has no rows of its own. */
async function listAsked(session: Session, databases: readonly string[]): Promise<readonly Asked[]> {
  if (databases.length === 0) return [];
  const inThem = `TABLE_SCHEMA IN (${databases.map(quoteText).join(', ')})`;
  const rows = await session.ask(
    `SELECT TABLE_SCHEMA, TABLE_NAME, CREATE_OPTIONS LIKE '%partitioned%', ENGINE IN ('MyISAM', 'Aria')
       FROM information_schema.TABLES
      WHERE ${inThem} AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW') AND COALESCE(ENGINE, '') <> 'MRG_MyISAM'
      ORDER BY COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0) DESC`,
  );
  const tables = rows.map(([schema, table, , isCounted]) => toAsked(String(schema), String(table), isCounted === '1'));
  if (!rows.some(([, , isPartitioned]) => isPartitioned === '1')) return tables;
  const parts = await session.ask(
    `SELECT TABLE_SCHEMA, TABLE_NAME, COALESCE(SUBPARTITION_NAME, PARTITION_NAME) FROM information_schema.PARTITIONS
      WHERE ${inThem} AND PARTITION_NAME IS NOT NULL`,
  );
  const counted = new Set(tables.filter(({ isCounted }) => isCounted).map(({ from }) => from));
  const toPart = ([schema, table, part]: readonly (string | null)[]): Asked => {
    const { from } = toAsked(String(schema), String(table), false);
    return toAsked(String(schema), String(table), counted.has(from), String(part));
  };
  return [...tables, ...parts.map(toPart)];
}

function toAsked(schema: string, table: string, isCounted: boolean, part?: string): Asked {
  const from = `${quoteName(schema)}.${quoteName(table)}`;
  if (part === undefined) return { name: `${schema}.${table}`, from, isCounted };
  return {
    name: `${schema}.${table} (partition ${part})`,
    from: `${from} PARTITION (${quoteName(part)})`,
    isCounted,
  };
}
