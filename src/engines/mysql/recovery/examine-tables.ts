import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import { isStorageEngine, storageEngineHint } from '../loading/storage-engines.ts';
import { askTables, type Unanswered } from '../server/ask-tables.ts';
import type { Session } from '../server/connect.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteName, quoteText } from '../server/quoting.ts';
import { isLoss, numberOf, withoutValues } from '../server/server-errors.ts';

const MAX_VIEWS = 1000;
const MAX_NAMED = 1000;

interface Examined {
  readonly databases: readonly string[];
  /** Whether the backup is of some tables only. */
  readonly isPartial: boolean;
}

/**
 * Reports tables of a recovered server that do not return a row, and tables that InnoDB knows and the server does not. Views that do not work are
 * warnings: in files of a server, they did not work there either.
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
    errors.warn(`the ${formatCount(asked)} largest tables were asked for a row, and ${formatCount(notAsked)} were not`);
  await server.administer(signal, async (session) => {
    const lost = isPartial || server.flavor.type !== 'mariadb' ? [] : await findLostDefinitions(session, databases);
    for (const name of lost)
      errors.add(`${toPrintable(name, 200)} cannot be opened: InnoDB has it, and its definition (.frm) is missing`);
    for (const view of await findBrokenViews(session, databases)) errors.warn(view);
  });
}

/** @returns whose fault it is that a table of a recovered server does not answer. Pure. */
export function explainUnanswered({ name, number, why }: Unanswered): LoadFinding {
  if (number === undefined)
    return { kind: 'missing-part', text: `${toPrintable(name, 200)} cannot be read: ${toPrintable(why, 200)}` };
  const text = `${toPrintable(name, 200)} cannot be opened: ${toPrintable(why, 200)} (ERROR ${number})`;
  const engine = /Unknown storage engine '([^']*)'/i.exec(why)?.[1];
  if (engine !== undefined && isStorageEngine(engine))
    return { kind: 'storage-engine-missing', text, hint: storageEngineHint(engine) };
  if (/encrypt|decrypt|keyring|master key/i.test(why)) {
    return {
      kind: 'keyring-missing',
      text,
      hint: 'Drill a dump of the tables that the server encrypts: a drill has no key for them.',
    };
  }
  return { kind: 'missing-part', text };
}

/**
 * Names of tables that have a definition in MariaDB are in its catalogue; InnoDB has a catalogue of its own. Compared are names of letters, digits and
 * underscores, which both write alike, and temporary tables (`#sql…`) are none of these.
 */
async function findLostDefinitions(session: Session, databases: readonly string[]): Promise<readonly string[]> {
  const inInnodb = await session.ask("SELECT NAME FROM information_schema.INNODB_SYS_TABLES WHERE NAME LIKE '%/%'");
  const known = await session.ask('SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES');
  return lostDefinitions(
    inInnodb.map(([name]) => String(name)),
    new Set(known.map(([schema, table]) => `${schema}.${table}`.toLowerCase())),
    new Set(databases.map((name) => name.toLowerCase())),
  ).slice(0, MAX_NAMED);
}

/**
 * @param inInnodb `shop/orders`, `shop/orders#P#p0`.
 * @param known `shop.orders`, in lower case, as `databases` are. Pure.
 */
export function lostDefinitions(
  inInnodb: readonly string[],
  known: ReadonlySet<string>,
  databases: ReadonlySet<string>,
): readonly string[] {
  const lost = new Set<string>();
  for (const name of inInnodb) {
    const [, schema = '', table = ''] = /^(\w+)\/(\w+)(?:#p#.*)?$/i.exec(name) ?? [];
    if (table === '' || !databases.has(schema.toLowerCase()) || /^FTS_[0-9a-f]{16}_/i.test(table)) continue;
    if (!known.has(`${schema}.${table}`.toLowerCase())) lost.add(`${schema}.${table}`);
  }
  return [...lost];
}

/** Views are prepared, never run: a query over one may take hours. */
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
