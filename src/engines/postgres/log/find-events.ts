import type { CatalogHistory } from './catalog-history.ts';
import { isSystemSchema } from './catalog-rows.ts';
import type { EventTable, LogEvent } from './log-event.ts';
import { type ChangedTable, findDroppedTables, findTruncatedTables } from './table-changes.ts';
import type { DroppedDatabase, ScannedTransaction, TransactionScanner } from './transaction-scanner.ts';

/** What in the log destroyed data, in the order of the log. */
export function findEvents(
  { transactions, drops, commits }: Pick<TransactionScanner, 'transactions' | 'drops' | 'commits'>,
  history: CatalogHistory,
): readonly LogEvent[] {
  const events = [
    ...drops.map((drop) => dropEvent(drop, history, commits)),
    ...transactions.flatMap((transaction) => tableEvents(transaction, history, commits)),
  ];
  return events.sort((a, b) => b.commitsAfter - a.commitsAfter);
}

function dropEvent(
  { xid, oid, markLsn, firstLsn, dropLsn, ...drop }: DroppedDatabase,
  history: CatalogHistory,
  commits: number,
): LogEvent {
  return {
    kind: 'drop-database',
    xid,
    committedAt: drop.committedAt,
    lsn: dropLsn,
    // before the mark, or where an older server wrote none, before the row's deletion; never by time: the files go before the commit
    stopLsn: markLsn ?? firstLsn,
    database: { oid, name: history.databaseName(oid) },
    tables: [],
    commitsAfter: commits - drop.commitsBefore,
  };
}

function tableEvents(transaction: ScannedTransaction, history: CatalogHistory, commits: number): readonly LogEvent[] {
  const { xid, members, commitLsn, committedAt, commitsBefore, dropped } = transaction;
  const changes = history.changesOf(members);
  const files = new Set(dropped.map(({ database, filenode }) => `${database}/${filenode}`));
  const found = [
    ...byDatabase('drop-table', findDroppedTables(changes).map(named)),
    ...byDatabase('truncate', findTruncatedTables(changes, files).map(named)),
    ...byDatabase('mass-delete', transaction.deleted.flatMap(deleted)),
  ];
  return found.map(({ kind, database, tables }) => ({
    kind,
    xid,
    committedAt,
    lsn: commitLsn,
    stopLsn: commitLsn, // until the commit is replayed, the files and the rows are there
    database: { oid: database, name: history.databaseName(database) },
    tables,
    commitsAfter: commits - commitsBefore,
  }));

  function named({ database, relation }: ChangedTable): Found {
    const table = { name: history.qualify(database, relation), filenode: relation.filenode, rows: relation.rows };
    return { database, table };
  }

  function deleted({ database, filenode, rows }: ScannedTransaction['deleted'][number]): readonly Found[] {
    const relation = history.relationIn(database, filenode, commitLsn);
    const isTable = relation === undefined || (relation.kind === 'r' && !isSystemSchema(relation.schemaOid));
    if (!isTable) return [];
    return [{ database, table: { name: relation && history.qualify(database, relation), filenode, rows } }];
  }
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
