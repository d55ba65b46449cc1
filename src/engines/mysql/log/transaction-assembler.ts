import { withoutComments, withoutSettings } from '../sql/sql-names.ts';
import type { BinaryLogEvent, GtidFacts, QueryFacts } from './event-types.ts';
import { KEPT_TABLES } from './token-reader.ts';
import type { ChangedRows, LogTransaction } from './transaction.ts';
import { HEAD_LENGTH, type LoggedStatement, mayMatter, readStatement } from './transaction-statement.ts';
import { statementText } from './transaction-text.ts';

/** In bytes: a statement that begins or ends a transaction is not longer. */
const MAX_CONTROL_BYTES = 512;
const CONTROL =
  /^(?:(BEGIN|START TRANSACTION)|(COMMIT)|(ROLLBACK)|(XA (?:START|BEGIN))\s.*|(XA END)\s.*|XA (COMMIT|ROLLBACK)\s+(.*?)(?:\s+ONE\s+PHASE)?)\s*$/is;

interface OpenTransaction {
  readonly at: number;
  readonly serverId: number;
  readonly gtid: GtidFacts | undefined;
  hasBegun: boolean;
  readonly statements: LoggedStatement[];
  readonly rows: Map<string, ChangedRows>;
  /** Number of tables that its statements name. */
  tablesNamed: number;
  namesMoreTables: boolean;
  conditionalDeletes: number;
  conditionalUpdates: number;
}

/** Assembles the events of one file into transactions. */
export class TransactionAssembler {
  readonly #file: string;
  #open: OpenTransaction | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Where an unfinished transaction begins; undefined: none is unfinished. */
  get unfinishedAt(): number | undefined {
    return this.#open?.at;
  }

  /** @returns the transaction that the event ends. */
  take(event: BinaryLogEvent): LogTransaction | undefined {
    switch (event.type) {
      case 'gtid':
        this.#open = begin(event, event, event.isStandalone === false);
        return undefined;
      case 'query':
        return this.#takeQuery(event);
      case 'rows':
        this.#takeRows(event);
        return undefined;
      case 'xid':
        return this.#end(event, 'committed');
      case 'xa-prepare':
        return this.#end(event, event.isOnePhase ? 'committed' : 'prepared', event.xid);
      default:
        return undefined;
    }
  }

  #takeQuery(event: Extract<BinaryLogEvent, { type: 'query' }>): LogTransaction | undefined {
    this.#open ??= begin(event, undefined, false);
    const open = this.#open;
    const [, start, commit, rollback, xaStart, xaEnd, xaDone, xid] = controlIn(event);
    if (start !== undefined || xaStart !== undefined) open.hasBegun = true;
    if (commit !== undefined) return this.#end(event, 'committed');
    if (rollback !== undefined) return this.#end(event, 'rolled-back');
    if (xaDone !== undefined) return this.#end(event, /^c/i.test(xaDone) ? 'committed' : 'rolled-back', xid);
    if (start !== undefined || xaStart !== undefined || xaEnd !== undefined) return undefined;
    if (!open.gtid?.isUnfinishedAlter) this.#takeStatement(event, open);
    return open.hasBegun ? undefined : this.#end(event, 'committed');
  }

  #takeStatement(event: QueryFacts, open: OpenTransaction): void {
    const head = statementText(event, HEAD_LENGTH);
    if (!mayMatter(head)) return;
    const text = statementText(event);
    const read = readStatement(text, event.database, event);
    // if its end is cut off, there may be a condition in it
    const certain = read.filter(({ does }) => !event.isCut || (does !== 'delete-all' && does !== 'update-all'));
    for (const statement of certain) keepStatement(open, statement);
    if (certain.length > 0) return;
    const verb = /^\W*(DELETE|UPDATE|WITH)\b/i.exec(withoutSettings(withoutComments(head)))?.[1]?.toUpperCase();
    if (verb === 'UPDATE') open.conditionalUpdates += 1;
    else if (verb !== undefined) open.conditionalDeletes += 1;
  }

  #takeRows(event: Extract<BinaryLogEvent, { type: 'rows' }>): void {
    this.#open ??= begin(event, undefined, true);
    const { change, database, table, rows, isExact } = event;
    const key = `${change} ${database.length} ${database}${table}`;
    const before = this.#open.rows.get(key);
    if (!before && this.#open.rows.size >= KEPT_TABLES) {
      this.#open.namesMoreTables = true;
      return;
    }
    const sum = { rows: rows + (before?.rows ?? 0), isExact: isExact && before?.isExact !== false };
    this.#open.rows.set(key, { change, database, table, ...sum });
  }

  #end(event: BinaryLogEvent, outcome: LogTransaction['outcome'], xid?: string): LogTransaction | undefined {
    const open = this.#open;
    if (!open) return undefined; // a commit of nothing
    this.#open = undefined;
    const micros = open.gtid?.committedAtMicros;
    return {
      file: this.#file,
      at: open.at,
      end: event.end,
      gtid: open.gtid?.gtid,
      serverId: open.serverId,
      committedAtMicros: micros ?? event.seconds * 1_000_000,
      hasMicros: micros !== undefined,
      outcome,
      xid: xid?.replaceAll(/\s/g, ''),
      statements: open.statements,
      rows: [...open.rows.values()],
      namesMoreTables: open.namesMoreTables,
      conditionalDeletes: open.conditionalDeletes,
      conditionalUpdates: open.conditionalUpdates,
    };
  }
}

function begin(event: BinaryLogEvent, gtid: GtidFacts | undefined, hasBegun: boolean): OpenTransaction {
  const { at, serverId } = event;
  const counts = { tablesNamed: 0, conditionalDeletes: 0, conditionalUpdates: 0 };
  return { at, serverId, gtid, hasBegun, statements: [], rows: new Map(), namesMoreTables: false, ...counts };
}

function keepStatement(open: OpenTransaction, statement: LoggedStatement): void {
  if (open.tablesNamed < KEPT_TABLES) open.statements.push(statement);
  else open.namesMoreTables = true;
  open.tablesNamed += 'tables' in statement ? statement.tables.length : 1;
  if (statement.unlisted !== undefined) open.namesMoreTables = true;
}

function controlIn({ statement }: QueryFacts): readonly (string | undefined)[] {
  if (statement.length > MAX_CONTROL_BYTES) return [];
  return CONTROL.exec(statement.toString('latin1')) ?? [];
}
