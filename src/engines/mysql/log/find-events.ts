import { SYSTEM_DATABASES } from '../server/system-databases.ts';
import { DeletionFinder } from './event-deletes.ts';
import { KnownObjects } from './event-existence.ts';
import { type EventTable, type LogEvent, MASS_DELETE_ROWS, markOf, type TransactionMark } from './event-found.ts';
import { KeptByKey, KeptMeant } from './kept-newest.ts';
import type { TableSizes } from './table-sizes.ts';
import type { ChangedRows, LogTransaction } from './transaction.ts';
import type { LoggedStatement, LoggedTable } from './transaction-statement.ts';

type Found = Pick<LogEvent, 'kind' | 'database' | 'tables' | 'moreTables'>;
type Facts = Pick<LogEvent, 'transaction' | 'stop' | 'last'> & { readonly commitsBefore: number };
type Pending = Found & Facts;
/** An event without its position. */
type EventSubject = Pick<Found, 'kind' | 'database' | 'tables'> & { readonly committedAtMicros: number };
type IsMeantAt = (found: Pick<Found, 'kind' | 'database' | 'tables'>, mark: TransactionMark) => boolean;

/** Limit for wanted events, and for others. */
export const KEPT_EVENTS = 10_000;
/** Tables retained per event: the wanted ones, and the first of the others. */
const KEPT_TABLES_PER_EVENT = 1000;
/** An event counts once per this many of its tables. */
const TABLES_PER_EVENT = 10;

/** Finds events that destroyed data among the transactions of a log, in log order. */
export class EventFinder {
  readonly #manyOf: (table: LoggedTable) => number;
  readonly #sizes: TableSizes | undefined;
  readonly #deletions: DeletionFinder<Facts>;
  readonly #known = new KnownObjects();
  readonly #events: KeptMeant<Pending>;
  readonly #isMeantAt: IsMeantAt;
  /** Events of prepared XA transactions, by identifier: they count once the transaction is committed. */
  readonly #prepared = new KeptByKey<string, readonly Pending[]>(KEPT_EVENTS, (events) =>
    events.reduce((sum, event) => sum + weigh(event), 0),
  );
  #last: TransactionMark | undefined;
  /** Number of committed transactions. */
  commits = 0;
  /** Number of statements that deleted rows on a condition, for which the log does not record how many rows. */
  conditionalDeletes = 0;
  /** Whether a transaction named more tables than were read. */
  namesMoreTables = false;

  /**
   * @param minRows minimum number of rows deleted from one table, see {@link DeletionFinder}; undefined: 1000, or fewer if the table's row count is known.
   * @param sizes undefined: unknown.
   * @param isMeant which events are wanted: the newest of these are retained, however many others there are.
   */
  constructor(minRows: number | undefined, sizes?: TableSizes, isMeant: (event: EventSubject) => boolean = () => true) {
    const isMeantAt: IsMeantAt = (found, { committedAtMicros }) => isMeant({ ...found, committedAtMicros });
    this.#isMeantAt = isMeantAt;
    this.#events = new KeptMeant<Pending>(KEPT_EVENTS, (event) => isMeantAt(event, event.transaction), weigh);
    this.#sizes = minRows === undefined ? sizes : undefined;
    this.#manyOf = (table) => minRows ?? sizes?.manyOf(table) ?? MASS_DELETE_ROWS;
    this.#deletions = new DeletionFinder(
      this.#manyOf,
      new KeptMeant(KEPT_EVENTS, ({ database, table, rows, facts }) =>
        isMeantAt({ kind: 'mass-delete', database, tables: [named(table, rows)] }, facts.transaction),
      ),
    );
  }

  /** If defined, to be called and awaited before {@link take}. */
  get prepare(): ((transaction: LogTransaction) => Promise<void>) | undefined {
    const sizes = this.#sizes;
    return sizes && ((transaction) => sizes.prepare(transaction));
  }

  take(transaction: LogTransaction): void {
    this.#look(transaction);
    this.#sizes?.note(transaction);
  }

  #look(transaction: LogTransaction): void {
    const { outcome, xid, file, at } = transaction;
    const mark = markOf(transaction);
    const last = this.#last;
    this.#last = mark;
    if (outcome === 'rolled-back') {
      if (xid !== undefined) this.#prepared.take(xid);
      return;
    }
    const facts = { transaction: mark, stop: { file, position: at }, last, commitsBefore: this.commits };
    const events = this.#eventsIn(transaction);
    const deletes = outcome === 'prepared' ? this.#largeDeletesIn(transaction) : [];
    const found = [...events, ...deletes].map((event) => ({ ...this.#limit(event, mark), ...facts }));
    if (outcome === 'prepared') {
      if (found.length > 0 && xid !== undefined) this.#prepared.set(xid, found);
      return;
    }
    this.commits += 1;
    this.conditionalDeletes += transaction.conditionalDeletes;
    this.namesMoreTables ||= transaction.namesMoreTables;
    for (const event of found) this.#events.add(event);
    for (const rows of deletesIn(transaction)) this.#deletions.take(rows, mark.committedAtMicros, facts);
    const prepared = xid === undefined ? undefined : this.#prepared.take(xid);
    for (const event of prepared ?? [])
      this.#events.add({ ...event, transaction: { ...event.transaction, ...timeOf(mark) } });
  }

  /** How many wanted events are missing from {@link events} because there are many newer ones. */
  get dropped(): number {
    return this.#events.dropped + this.#deletions.found.dropped;
  }

  /** Number of events, names and transactions in memory. */
  get size(): number {
    const events = this.#events.size + this.#deletions.found.size;
    return events + this.#known.size + this.#deletions.size + this.#prepared.size + (this.#sizes?.size ?? 0);
  }

  /** In log order; to be called after the last transaction. */
  get events(): readonly LogEvent[] {
    const single = this.#events.items.map((event) => ({ ...event, transactions: 1 }));
    return [...single, ...this.#deletionEvents()]
      .map(({ commitsBefore, ...event }) => ({ ...event, commitsAfter: this.commits - commitsBefore }))
      .sort((a, b) => b.commitsAfter - a.commitsAfter);
  }

  #eventsIn({ statements, rows }: LogTransaction): readonly Found[] {
    const found = statements.flatMap((statement) => {
      const events = this.#read(statement);
      this.#known.note(statement);
      return events;
    });
    for (const changed of rows) this.#known.noteTable(changed);
    return found;
  }

  #largeDeletesIn(transaction: LogTransaction): readonly Found[] {
    const deleted = deletesIn(transaction).filter((changed) => changed.rows >= this.#manyOf(changed));
    return byDatabase(
      'mass-delete',
      deleted.map(({ database, table, rows }) => ({ database, table: named(table, rows) })),
    );
  }

  #deletionEvents(): readonly (Pending & { readonly transactions: number })[] {
    const byFacts = Map.groupBy(this.#deletions.found.items, ({ facts }) => facts);
    return [...byFacts].flatMap(([facts, of]) => {
      const tables = of.map(({ database, table, rows }) => ({ database, table: named(table, rows) }));
      const transactions = Math.max(...of.map((one) => one.transactions));
      return byDatabase('mass-delete', tables).map((event) => ({
        ...this.#limit(event, facts.transaction),
        ...facts,
        transactions,
      }));
    });
  }

  /** Drops most of an event's tables if one statement names very many. */
  #limit<Event extends Found>(event: Event, mark: TransactionMark): Event {
    const { kind, database, tables } = event;
    if (tables.length <= KEPT_TABLES_PER_EVENT) return event;
    const isMeant = (table: EventTable) => this.#isMeantAt({ kind, database, tables: [table] }, mark);
    const { meant = [], others = [] } = Object.groupBy(tables, (table) => (isMeant(table) ? 'meant' : 'others'));
    const kept = [...meant, ...others].slice(0, KEPT_TABLES_PER_EVENT);
    return { ...event, tables: kept, moreTables: event.moreTables + tables.length - kept.length };
  }

  #read(statement: LoggedStatement): readonly Found[] {
    switch (statement.does) {
      case 'drop-database':
      case 'create-database': {
        const { does, database } = statement;
        const isLost =
          does === 'drop-database' ? !statement.ifExists || this.#known.hasDatabase(database) : statement.replaces;
        if (!isLost || !this.#known.hasDatabase(database)) return [];
        return [{ kind: 'drop-database', database, tables: [], moreTables: 0 }];
      }
      case 'drop-table':
      case 'create-table': {
        if (statement.does === 'create-table' && !statement.replaces) return [];
        const lost = statement.tables.filter((table) => this.#known.hasTable(table));
        return byDatabase('drop-table', lost.map(unnamed), statement.unlisted);
      }
      case 'truncate':
        return byDatabase('truncate', statement.tables.map(unnamed));
      case 'delete-all':
        return byDatabase('mass-delete', statement.tables.map(unnamed), statement.unlisted);
      case 'update-all':
        return byDatabase('mass-update', statement.tables.map(unnamed), statement.unlisted);
      case 'drop-column':
      case 'drop-partition': {
        const { does, tables, names } = statement;
        return byDatabase(
          does,
          tables.map(({ database, table }) => ({ database, table: named(table, undefined, names) })),
        );
      }
      case 'rename-table':
        return byDatabase(
          'rename-table',
          statement.renames.map(({ from, to }) => ({
            database: from.database,
            table: named(from.table, undefined, [
              to.database === from.database ? to.table : `${to.database}.${to.table}`,
            ]),
          })),
          statement.unlisted,
        );
    }
  }
}

function weigh({ tables }: Found): number {
  return Math.max(1, tables.length / TABLES_PER_EVENT);
}

function deletesIn({ rows }: LogTransaction): readonly ChangedRows[] {
  return rows.filter(({ change }) => change === 'delete');
}

function timeOf({
  committedAtMicros,
  hasMicros,
}: TransactionMark): Pick<TransactionMark, 'committedAtMicros' | 'hasMicros'> {
  return { committedAtMicros, hasMicros };
}

function named(name: string, rows: number | undefined, parts: readonly string[] = []): EventTable {
  return { name, rows, parts };
}

interface FoundTable {
  readonly database: string;
  readonly table: EventTable;
}

function unnamed({ database, table }: LoggedTable): FoundTable {
  return { database, table: named(table, undefined) };
}

/** Omits the server's own tables. @param unlisted how many more tables the statement names, in unknown databases. */
function byDatabase(kind: LogEvent['kind'], found: readonly FoundTable[], unlisted = 0): readonly Found[] {
  return [...Map.groupBy(found, ({ database }) => database)]
    .filter(([database]) => !SYSTEM_DATABASES.has(database.toLowerCase()))
    .map(([database, of], index) => ({
      kind,
      database,
      tables: of.map(({ table }) => table),
      moreTables: index === 0 ? unlisted : 0,
    }));
}
