import { type LogLine, readLogLine } from './log-line.ts';

/** A file of a table: its database and file number. */
export interface TableFile {
  readonly database: number;
  readonly filenode: number;
}

/** A transaction that may have destroyed something, and committed. */
export interface ScannedTransaction {
  /** As the log names it. */
  readonly xid: string;
  /** Its own id, and those of its subtransactions. */
  readonly members: readonly string[];
  /** Where its commit record starts. */
  readonly commitLsn: string;
  readonly committedAt: Date | undefined;
  /** Number of commits that the log shows before it. */
  readonly commitsBefore: number;
  /** Files removed with it. */
  readonly dropped: readonly TableFile[];
  /** Databases whose catalog it changed. */
  readonly changed: readonly number[];
  /** Number of rows deleted, by file, if there were enough to count. */
  readonly deleted: readonly (TableFile & { readonly rows: number })[];
}

/** A record about a catalog page, to be read for the names in it. */
export interface CatalogRecord {
  readonly lsn: string;
  readonly bytes: number;
  /** 0 for what all databases share. */
  readonly database: number;
}

/** A record that states which files catalog tables are in. */
export interface MapRecord {
  readonly xid: string;
  readonly lsn: string;
  readonly bytes: number;
  /** 0 for what all databases share. */
  readonly database: number;
  /** Size of the map at the end of the record. */
  readonly mapBytes: number;
}

/** A DROP DATABASE in the log. It writes, in this order: a mark on the row in pg_database, that row's deletion, the removal of the files, the commit. */
export interface DroppedDatabase {
  readonly xid: string;
  readonly oid: number;
  /**
   * The last in-place change of its row in pg_database before the row was deleted: the mark, before which the database is unchanged. From a server before 15.4,
   * which writes no mark, it may be VACUUM’s: see `CatalogHistory.isMark`.
   */
  readonly markLsn: string | undefined;
  /** The transaction's first record about it: up to here the files are complete, but the database may be marked. */
  readonly firstLsn: string;
  /** The removal of its files. */
  readonly dropLsn: string;
  /** Undefined if the log ends before its commit. */
  readonly committedAt: Date | undefined;
  /** Number of commits before the mark, and before the first record. */
  readonly commitsBefore: number;
  readonly commitsBeforeFirst: number;
}

export interface Catalogs {
  /** File numbers of pg_class and pg_namespace, in all databases. */
  readonly filenodes: ReadonlySet<number>;
  /** Those of pg_database: several if it was rewritten. */
  readonly pgDatabases: ReadonlySet<number>;
}

interface Mark {
  readonly lsn: string;
  readonly commitsBefore: number;
}

interface Pending {
  readonly deleted: Map<string, number>;
  readonly changed: Set<number>;
  drop:
    | (Pick<DroppedDatabase, 'firstLsn' | 'markLsn' | 'commitsBefore' | 'commitsBeforeFirst'> & {
        oids: Set<number>;
        dropLsn: string | undefined;
      })
    | undefined;
}

type Dropping = { -readonly [Key in keyof DroppedDatabase]: DroppedDatabase[Key] };

/** XLH_DELETE_IS_SUPER and _IS_PARTITION_MOVE: a row that never became visible, or that moved to another partition. */
const NOT_DELETED = 0x18;

/**
 * Searches the lines of pg_waldump for what may have destroyed data. Source of the records: PostgreSQL's src/backend/access/rmgrdesc/ and dbcommands.c, dropdb.
 */
export class TransactionScanner {
  readonly transactions: ScannedTransaction[] = [];
  readonly drops: Dropping[] = [];
  readonly catalogRecords: CatalogRecord[] = [];
  readonly mapRecords: MapRecord[] = [];
  commits = 0;
  readonly #catalogs: Catalogs;
  readonly #pending = new Map<string, Pending>();
  /** By row of pg_database: its last in-place change, and the number of commits until then. */
  readonly #marks = new Map<string, Mark>();

  readonly #minRows: number;
  /** By transaction: those whose end has not been read yet. */
  readonly #openDrops = new Map<string, Dropping[]>();

  /** @param minRows deletions of fewer rows of one table are not reported. */
  constructor(catalogs: Catalogs, minRows: number) {
    this.#catalogs = catalogs;
    this.#minRows = minRows;
  }

  readLine(text: string): void {
    const line = readLogLine(text);
    if (!line) return;
    if (line.manager === 'Transaction') this.#readEnd(line);
    else if (line.manager === 'Database') this.#readDrop(line);
    else if (line.manager === 'RelMap') this.#readMap(line);
    else this.#readChange(line);
  }

  #readMap({ xid, lsn, bytes, description }: LogLine): void {
    const found = /^UPDATE database (\d+) tablespace \d+ size (\d+)/.exec(description);
    if (found) this.mapRecords.push({ xid, lsn, bytes, database: Number(found[1]), mapBytes: Number(found[2]) });
  }

  #readChange({ manager, xid, lsn, bytes, description }: LogLine): void {
    const found = /\brel (\d+)\/(\d+)\/(\d+) blk (\d+)/.exec(description);
    if (!found) return;
    const [space, database, filenode] = [1, 2, 3].map((index) => Number(found[index])) as [number, number, number];
    const isDelete = manager === 'Heap' && description.startsWith('DELETE');
    const isDatabases = space === 1664 && this.#catalogs.pgDatabases.has(filenode);
    if (isDatabases || (space !== 1664 && this.#catalogs.filenodes.has(filenode))) {
      this.catalogRecords.push({ lsn, bytes, database });
      if (xid !== '0' && database !== 0) this.#of(xid).changed.add(database);
    }
    if (isDatabases) this.#readDatabaseRow(manager, xid, lsn, `${found[4]}/${rowNumber(description)}`, description);
    else if (isDelete && isUsers(filenode) && !(flagsOf(description) & NOT_DELETED)) {
      const { deleted } = this.#of(xid);
      const key = `${database}/${filenode}`;
      deleted.set(key, (deleted.get(key) ?? 0) + 1);
    }
  }

  #readDatabaseRow(manager: string, xid: string, lsn: string, row: string, description: string): void {
    if (manager !== 'Heap') return;
    if (description.startsWith('INPLACE')) this.#marks.set(row, { lsn, commitsBefore: this.commits });
    else if (description.startsWith('DELETE')) {
      this.#beginDrop(xid, lsn, this.#marks.get(row));
      this.#marks.delete(row); // another database's row may be stored in its place
    }
  }

  #beginDrop(xid: string, lsn: string, mark: Mark | undefined): void {
    const pending = this.#of(xid);
    const commitsBefore = mark?.commitsBefore ?? this.commits;
    const commitsBeforeFirst = this.commits;
    const positions = { firstLsn: lsn, dropLsn: undefined, markLsn: mark?.lsn };
    pending.drop ??= { oids: new Set(), ...positions, commitsBefore, commitsBeforeFirst };
  }

  #readDrop({ xid, lsn, description }: LogLine): void {
    const drop = this.#pending.get(xid)?.drop;
    // if its row is not deleted, a database was moved to another tablespace, or could not be created
    if (!description.startsWith('DROP') || !drop) return;
    drop.dropLsn ??= lsn;
    for (const [, text] of description.matchAll(/\b\d+\/(\d+)\b/g)) {
      const oid = Number(text);
      if (drop.oids.has(oid)) continue;
      drop.oids.add(oid);
      const { oids: _, ...positions } = drop;
      const dropping = { ...positions, xid, oid, dropLsn: drop.dropLsn, committedAt: undefined };
      this.drops.push(dropping);
      this.#openDrops.set(xid, [...(this.#openDrops.get(xid) ?? []), dropping]);
    }
  }

  #readEnd({ xid: own, lsn, description }: LogLine): void {
    const end = /^(COMMIT|ABORT)(?:_PREPARED (\d+):)?/.exec(description);
    if (!end) return;
    const xid = end[2] ?? own;
    const subtransactions = /; subxacts: ([\d ]+)/.exec(description)?.[1]?.trim().split(' ') ?? [];
    const members = [xid, ...subtransactions];
    const pending = members.flatMap((each) => this.#pending.get(each) ?? []);
    for (const each of members) this.#pending.delete(each);
    const ended = this.#openDrops.get(xid) ?? [];
    this.#openDrops.delete(xid);
    if (end[1] === 'ABORT') return;
    const commitsBefore = this.commits;
    this.commits += 1;
    const time = /^\S+(?: \d+:)? (\d{4}-\d\d-\d\d) ([\d:.]+) UTC/.exec(description);
    const committedAt = time ? new Date(`${time[1]}T${time[2]}Z`) : undefined;
    for (const drop of ended) drop.committedAt = committedAt;
    const dropped = readFiles(/; rels: ([^;]+)/.exec(description)?.[1]);
    const deleted = addUp(pending).filter(({ rows }) => rows >= this.#minRows);
    const changed = [...new Set(pending.flatMap((each) => [...each.changed]))];
    if (dropped.length + deleted.length + changed.length === 0) return;
    this.transactions.push({ xid, members, commitLsn: lsn, committedAt, commitsBefore, dropped, changed, deleted });
  }

  #of(xid: string): Pending {
    const known = this.#pending.get(xid);
    if (known) return known;
    const pending: Pending = { deleted: new Map(), changed: new Set(), drop: undefined };
    this.#pending.set(xid, pending);
    return pending;
  }
}

/** The part of pg_waldump's output that is read, for grep -E. */
export function linesToRead({ filenodes, pgDatabases }: Catalogs): string {
  const catalogs = [...filenodes, ...pgDatabases].join('|');
  return `^rmgr: (Database .*DROP|RelMap .*UPDATE|Transaction .*(COMMIT|ABORT)|Heap .*desc: DELETE|(Heap|Heap2|XLOG) .*[ ,]rel [0-9]+/[0-9]+/(${catalogs}) blk)`;
}

function isUsers(filenode: number): boolean {
  return filenode >= 16384;
}

function rowNumber(description: string): string {
  return /\boff:? (\d+)/.exec(description)?.[1] ?? '';
}

function flagsOf(description: string): number {
  return Number.parseInt(/\bflags:? 0x([0-9A-Fa-f]{2})/.exec(description)?.[1] ?? '0', 16);
}

/** `base/16384/16401 pg_tblspc/16390/PG_17_202406281/16384/16402`; temporary ones are not included. */
function readFiles(text = ''): readonly TableFile[] {
  return [...text.matchAll(/(?:^|\s)\S*?(\d+)\/(\d+)(?=\s|$)/g)].map(([, database, filenode]) => ({
    database: Number(database),
    filenode: Number(filenode),
  }));
}

function addUp(pending: readonly Pending[]): ScannedTransaction['deleted'] {
  const sum = new Map<string, number>();
  for (const { deleted } of pending) for (const [key, rows] of deleted) sum.set(key, (sum.get(key) ?? 0) + rows);
  return [...sum].map(([key, rows]) => {
    const [database = 0, filenode = 0] = key.split('/').map(Number);
    return { database, filenode, rows };
  });
}
