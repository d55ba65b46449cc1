import type { CatalogHistory } from './catalog-history.ts';
import { isSystemSchema, type Relation } from './catalog-rows.ts';
import { type Deletion, findDeletions } from './find-deletes.ts';
import type { EventTable, LogEvent } from './log-event.ts';
import { type ChangedTable, findDroppedTables, findTruncatedTables } from './table-changes.ts';
import type { DroppedDatabase, ScannedTransaction, TransactionScanner } from './transaction-scanner.ts';

export interface FoundInLog {
  /** In log order. */
  readonly events: readonly LogEvent[];
  /** Deletions of too few rows to be an event: the largest of each table. */
  readonly smaller: readonly LogEvent[];
}

/** Finds what destroyed data in the log. @param minRows see {@link findDeletions}. */
export function findEvents(
  { transactions, drops, commits }: Pick<TransactionScanner, 'transactions' | 'drops' | 'commits'>,
  history: CatalogHistory,
  minRows: number | undefined,
): FoundInLog {
  const sizeOf = (database: number, filenode: number, lsn: string) => history.relationIn(database, filenode, lsn)?.rows;
  const { mass, smaller } = findDeletions(transactions, minRows, sizeOf);
  const events = [
    ...drops.map((drop) => dropEvent(drop, history, commits)),
    ...transactions.flatMap((transaction) => tableEvents(transaction, history, commits)),
    ...deleteEvents(mass, history, commits),
  ];
  return {
    events: events.sort((a, b) => b.commitsAfter - a.commitsAfter),
    smaller: deleteEvents(smaller, history, commits),
  };
}

/** Deletions by the same transactions from several tables are one event. */
function deleteEvents(deletions: readonly Deletion[], history: CatalogHistory, commits: number): readonly LogEvent[] {
  const ofTables = deletions.filter(({ database, filenode, first }) => {
    const relation = history.relationIn(database, filenode, first.commitLsn);
    return relation === undefined || (relation.kind === 'r' && !isSystemSchema(relation.schemaOid));
  });
  const same = Map.groupBy(ofTables, ({ database, first, last }) => `${database}/${first.xid}/${last.xid}`);
  return [...same.values()].flatMap((of): LogEvent[] => {
    const [one] = of;
    if (!one) return [];
    const { database, first, last } = one;
    const count = Math.max(...of.map(({ transactions }) => transactions));
    return [
      {
        kind: 'mass-delete',
        xid: first.xid,
        committedAt: first.committedAt,
        lsn: first.commitLsn,
        stopLsn: first.commitLsn,
        database: { oid: database, name: history.databaseName(database) },
        tables: of.map(({ filenode, rows, tableRows }) => {
          const relation = history.relationIn(database, filenode, first.commitLsn);
          const names = relation ? namesOf(database, relation, history) : { name: undefined };
          return { ...names, filenode, rows, tableRows };
        }),
        commitsAfter: commits - first.commitsBefore,
        batches: count > 1 ? { count, until: last.committedAt } : undefined,
      },
    ];
  });
}

function dropEvent(
  { xid, oid, markLsn, firstLsn, dropLsn, ...drop }: DroppedDatabase,
  history: CatalogHistory,
  commits: number,
): LogEvent {
  const isMarked = markLsn !== undefined && history.isMark(markLsn);
  return {
    kind: 'drop-database',
    xid,
    committedAt: drop.committedAt,
    lsn: dropLsn,
    // before the mark or, if an older server wrote none, before the row's deletion; never by time: the files are removed before the commit
    stopLsn: isMarked ? markLsn : firstLsn,
    database: { oid, name: history.databaseName(oid) },
    tables: [],
    commitsAfter: commits - (isMarked ? drop.commitsBefore : drop.commitsBeforeFirst),
  };
}

function tableEvents(transaction: ScannedTransaction, history: CatalogHistory, commits: number): readonly LogEvent[] {
  const { xid, members, commitLsn, committedAt, commitsBefore, dropped } = transaction;
  const changes = history.changesOf(members);
  const files = new Set(dropped.map(({ database, filenode }) => `${database}/${filenode}`));
  const found = [
    ...byDatabase('drop-table', findDroppedTables(changes).map(named)),
    ...byDatabase('truncate', findTruncatedTables(changes, files).map(named)),
  ];
  return found.map(({ kind, database, tables }) => ({
    kind,
    xid,
    committedAt,
    lsn: commitLsn,
    stopLsn: commitLsn, // until the commit is replayed, the files and rows still exist
    database: { oid: database, name: history.databaseName(database) },
    tables,
    commitsAfter: commits - commitsBefore,
  }));

  function named({ database, relation }: ChangedTable): Found {
    const { filenode, rows } = relation;
    const table = { ...namesOf(database, relation, history), filenode, rows };
    return { database, table };
  }
}

function namesOf(database: number, relation: Relation, history: CatalogHistory): Pick<EventTable, 'name' | 'partOf'> {
  const partOf = history.partitionedAbove(database, relation);
  return { name: history.qualify(database, relation), ...(partOf.length > 0 ? { partOf } : {}) };
}

interface Found {
  readonly database: number;
  readonly table: EventTable;
}

function byDatabase(kind: LogEvent['kind'], found: readonly Found[]) {
  return [...Map.groupBy(found, ({ database }) => database)].map(([database, of]) => ({
    kind,
    database,
    tables: of.map(({ table }) => table),
  }));
}
