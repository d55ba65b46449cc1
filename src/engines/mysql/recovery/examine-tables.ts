import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { askTables } from '../server/ask-tables.ts';
import type { Session } from '../server/connect.ts';
import { explainUnanswered } from '../server/explain-unanswered.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName, quoteText } from '../server/quoting.ts';
import { isLoss, numberOf, withoutValues } from '../server/server-errors.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';

const MAX_VIEWS = 1000;
const MAX_NAMED = 1000;

interface Examined {
  readonly databases: readonly string[];
  /** Whether the backup contains only some tables. */
  readonly isPartial: boolean;
}

/**
 * Reports tables of a recovered server that cannot return a row, and tables that InnoDB knows but the server does not. Broken views are only warnings: in a
 * copy of a server's files, they were broken on that server as well.
 * @throws DrillError `image-incomplete` for a storage engine or a key that the image lacks.
 */
export async function examineTables(
  server: MysqlServer,
  { databases, isPartial }: Examined,
  errors: LoadErrors,
  signal: AbortSignal,
): Promise<void> {
  const { asked, notAsked, unanswered } = await askTables(server, databases, signal);
  for (const table of unanswered) {
    const ending = errors.report(explainUnanswered(table));
    if (ending) throw ending;
  }
  if (notAsked > 0)
    errors.warn(
      `a row was read from each of the ${formatCount(asked)} largest tables; ${formatCount(notAsked)} were not checked`,
    );
  await server.administer(signal, async (session) => {
    if (!isPartial && server.flavor.type === 'mariadb') {
      const { lost, homeless } = await findLostDefinitions(session, server.ignoresCase);
      for (const name of lost.slice(0, MAX_NAMED))
        errors.add(`${toPrintable(name, 200)} cannot be opened: InnoDB has it, and its definition (.frm) is missing`);
      for (const name of homeless.slice(0, MAX_NAMED))
        errors.warn(`InnoDB has ${toPrintable(name, 200)}, and there is no directory of its database`);
    }
    for (const view of await findBrokenViews(session, databases)) errors.warn(view);
  });
}

/**
 * MariaDB's catalog contains the tables that have a definition; InnoDB has its own catalog, which uses file names: `my@002dshop/orders`. The server converts
 * both names to that form, and these are compared.
 */
async function findLostDefinitions(session: Session, ignoresCase: boolean): Promise<LostDefinitions> {
  const inInnodb = await session.ask(
    `SELECT NAME, ${fromFileName("SUBSTRING_INDEX(NAME, '/', 1)")},
            ${fromFileName("SUBSTRING_INDEX(SUBSTRING_INDEX(NAME, '/', -1), '#', 1)")}
       FROM information_schema.INNODB_SYS_TABLES WHERE NAME LIKE '%/%'`,
  );
  const tables = await session.ask(
    `SELECT CONCAT(${toFileName('TABLE_SCHEMA')}, '/', ${toFileName('TABLE_NAME')}) FROM information_schema.TABLES`,
  );
  const databases = await session.ask(`SELECT ${toFileName('SCHEMA_NAME')} FROM information_schema.SCHEMATA`);
  return lostDefinitions(
    inInnodb.map(([file, schema, table]) => ({ file: String(file), name: `${schema}.${table}` })),
    { tables: tables.map(([file]) => String(file)), databases: databases.map(([file]) => String(file)) },
    ignoresCase,
  );
}

/** The server refers to files that are not named in its own scheme, such as those of MySQL 5.0, as `#mysql50#` and the file's name. */
function toFileName(name: string): string {
  return `CASE WHEN ${name} LIKE '#mysql50#%' THEN SUBSTR(${name}, 10)
    ELSE CONVERT(CAST(CONVERT(${name} USING filename) AS BINARY) USING utf8mb4) END`;
}

function fromFileName(file: string): string {
  return `CONVERT(CONVERT(CAST(${file} AS BINARY) USING filename) USING utf8mb4)`;
}

export interface LostDefinitions {
  /** InnoDB tables without a definition: `my-shop.orders`. */
  readonly lost: readonly string[];
  /** Tables whose database has no directory. */
  readonly homeless: readonly string[];
}

/**
 * @param inInnodb file names (`my@002dshop/orders`, `shop/orders#P#p0`), each with the table's name.
 * @param known file names: `my@002dshop/orders` for tables that have a definition, `my@002dshop` for databases. Pure.
 */
export function lostDefinitions(
  inInnodb: readonly { readonly file: string; readonly name: string }[],
  known: { readonly tables: readonly string[]; readonly databases: readonly string[] },
  ignoresCase: boolean,
): LostDefinitions {
  const fold = (name: string): string => (ignoresCase ? name.toLowerCase() : name);
  const tables = new Set(known.tables.map(fold));
  const databases = new Set(known.databases.map(fold));
  const lost = new Set<string>();
  const homeless = new Set<string>();
  for (const { file, name } of inInnodb) {
    const [, schema = '', table = ''] = /^([^/]+)\/([^#]+)/.exec(fold(file)) ?? []; // `#` begins a partition, or a temporary table (`#sql…`)
    if (table === '' || SYSTEM_DATABASES.has(schema) || /^FTS_[0-9a-f]{16}_/i.test(table)) continue;
    if (!databases.has(schema)) homeless.add(name);
    else if (!tables.has(`${schema}/${table}`)) lost.add(name);
  }
  return { lost: [...lost], homeless: [...homeless] };
}

/** Views are prepared, never run: a query on one may take hours. */
async function findBrokenViews(session: Session, databases: readonly string[]): Promise<readonly string[]> {
  if (databases.length === 0) return [];
  const views = await session.ask(
    `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
      WHERE TABLE_SCHEMA IN (${databases.map(quoteText).join(', ')}) AND TABLE_TYPE = 'VIEW' LIMIT ${MAX_VIEWS}`,
  );
  const broken: string[] = [];
  for (const [schema, name] of views) {
    const from = `${quoteName(String(schema))}.${quoteName(String(name))}`;
    try {
      await session.execute(`PREPARE firedrill_view FROM ${quoteText(`SELECT 1 FROM ${from}`)}`);
      await session.execute('DEALLOCATE PREPARE firedrill_view');
    } catch (error) {
      if (numberOf(error) === 0 || isLoss(error)) throw error;
      broken.push(`the view ${toPrintable(`${schema}.${name}`, 200)} does not work: ${wordsOf(error)}`);
    }
  }
  return broken;
}

function wordsOf(error: unknown): string {
  return toPrintable(withoutValues(String((error as Error).message)), 200);
}
