import { placeOf, type Statement } from '../../sql-dump/statement.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { Session } from '../server/connect.ts';
import { emptyLiterals } from '../sql/empty-literals.ts';
import { classifyStatement } from '../sql/statement-kind.ts';
import { nameIn, readWarnings, type WarningFinding } from './load-warnings.ts';
import { excerptOf, statementError } from './statement-errors.ts';
import { storageEngineHint } from './storage-engines.ts';

export interface FoundWarnings {
  readonly findings: readonly LoadFinding[];
  /** How many warnings the server retained. */
  readonly keptCount: number;
}

/**
 * Interprets the warnings that a statement just raised. Dumps turn strict mode off, so values that do not fit are changed. That is a failure, since the copy
 * then differs from what was dumped.
 * @param session the one that ran the statement, and has run nothing since.
 */
export async function findWarnings(session: Session, statement: Statement): Promise<FoundWarnings> {
  const rows = await session.ask('SHOW WARNINGS');
  const isRows = /^\s*(?:INSERT|REPLACE)\b/i.test(statement.bytes.toString('latin1', 0, 100));
  const findings: LoadFinding[] = [];
  const told = new Set<string>();
  const columns = new Map<string, ColumnFacts>();
  for (const finding of readWarnings(rows, isRows)) {
    const { what, kind, column } = finding;
    if (told.has(`${kind} ${what}`) || (kind === 'already-there' && OWN_STATISTICS.test(excerptOf(statement.bytes))))
      continue;
    if (kind === 'changed-value' && column !== undefined) {
      const facts = columns.get(column) ?? (await factsOf(session, statement, column));
      columns.set(column, facts);
      if (facts.isGenerated || (finding.row !== undefined && facts.emptyRows.has(finding.row))) continue;
    }
    told.add(`${kind} ${what}`);
    findings.push(findingOfWarning(finding, statement));
  }
  return { findings, keptCount: rows.length };
}

/**
 * Facts that may excuse a warning about a column. A generated column is recomputed and may raise a warning; whether it did when the row was first written is
 * unknown. An ENUM with an invalid value is dumped as '', and the server warns even though the same value is restored.
 */
async function factsOf(session: Session, { bytes }: Statement, column: string): Promise<ColumnFacts> {
  const kind = classifyStatement(bytes);
  if (kind.kind !== 'insert') return NOTHING;
  const { database, table } = kind.table;
  const schema = database === undefined ? 'DATABASE()' : hexText(database);
  const [row] = await session.ask(
    `SELECT generation_expression <> '', data_type = 'enum', ordinal_position FROM information_schema.columns WHERE table_schema = ${schema} AND table_name = ${hexText(table)} AND column_name = ${hexText(column)}`,
  );
  if (row?.[0] === '1') return { isGenerated: true, emptyRows: new Set() };
  if (row?.[1] !== '1') return NOTHING;
  return { isGenerated: false, emptyRows: emptyLiterals(bytes, positionOf(column, bytes) ?? Number(row[2]) - 1) };
}

interface ColumnFacts {
  readonly isGenerated: boolean;
  /** Rows of the statement that set an ENUM to ''. */
  readonly emptyRows: ReadonlySet<number>;
}

const NOTHING: ColumnFacts = { isGenerated: false, emptyRows: new Set() };
/** mysqldump inserts the server's table statistics with IGNORE, because the server already has some. */
const OWN_STATISTICS = /\binnodb_(?:index|table)_stats\b/i;

/** @returns a column's position in the INSERT's column list, from 0; undefined if there is no list or the column is not in it. */
function positionOf(column: string, insert: Buffer): number | undefined {
  const list = /^[^('"]*?\(([^()]*)\)\s*VALUES?\b/i.exec(insert.toString('utf8', 0, 65_536))?.[1];
  const index = list
    ?.split(',')
    .findIndex((name) => name.trim().replaceAll('`', '').toLowerCase() === column.toLowerCase());
  return index === undefined || index < 0 ? undefined : index;
}

/** Independent of how the session's modes treat quotes and backslashes. */
function hexText(text: string): string {
  return text === '' ? "''" : `_utf8mb4 0x${Buffer.from(text).toString('hex')}`;
}

function findingOfWarning({ kind, what, number, message }: WarningFinding, statement: Statement): LoadFinding {
  const place = placeOf(statement);
  const excerpt = excerptOf(statement.bytes);
  if (kind === 'storage-engine-missing') {
    const engine = nameIn(message);
    const text = `${place}: the storage engine ${engine} is not available, so the server made the table with another (${excerpt})`;
    return { kind, text, hint: storageEngineHint(engine) };
  }
  if (kind === 'placement') return { kind, text: `${place}: ${message}: ${what} (${excerpt})` };
  const words = what === '' ? message : `${what}: ${message}`;
  return { kind, text: statementError(Object.assign(new Error(words), { errno: number }), statement) };
}
