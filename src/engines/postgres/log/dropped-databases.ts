/** A DROP DATABASE in the log. It writes, in this order: a mark on the row in pg_database, that row's deletion, the removal of the files, the commit. */
export interface DroppedDatabase {
  readonly xid: string;
  readonly oid: number;
  /** The last change of pg_database in place before the transaction began: the mark. Before it, the database is as it was. */
  readonly markLsn: string | undefined;
  /** The transaction's first record: until here the files are whole, but the database may be marked. */
  readonly firstLsn: string;
  /** The removal of its files. */
  readonly dropLsn: string;
  /** Undefined: the log ends before its commit. */
  readonly committedAt: Date | undefined;
  /** How many transactions committed from the mark on, this one included: a recovery to just before it loses them. */
  readonly commitsAfter: number;
}

interface Dropping {
  readonly xid: string;
  readonly oids: Set<number>;
  markLsn: string | undefined;
  firstLsn: string;
  dropLsn: string | undefined;
  committedAt: Date | undefined;
  /** Commits in the log up to the mark. */
  commitsBefore: number;
}

const RECORD = /^rmgr: (\w+)\s.*?, tx:\s*(\d+), lsn: ([0-9A-F]+\/[0-9A-F]+), prev [^,]+, desc: (.*)$/;
/** pg_database is shared, in the tablespace pg_global (1664), which belongs to no database (0). */
const sharedTable = (filenode: string) => new RegExp(`\\brel 1664/0/${filenode}\\b`);

/** What of pg_waldump's output {@link DropScanner} reads, for grep -E. */
export const DROP_LINES = '^rmgr: (Database .*DROP|Transaction .*COMMIT|Heap .*(INPLACE|DELETE).* rel 1664/0/)';

/** Finds DROP DATABASE in the lines of pg_waldump. Source of the records: PostgreSQL's src/backend/commands/dbcommands.c, dropdb. */
export class DropScanner {
  readonly #pgDatabase: RegExp;
  readonly #dropping = new Map<string, Dropping>();
  #markLsn: string | undefined;
  #commitsAtMark = 0;
  #commits = 0;

  /** @param filenode of pg_database: 1262, unless it was rewritten. */
  constructor(filenode = '1262') {
    this.#pgDatabase = sharedTable(filenode);
  }

  readLine(line: string): void {
    const [, manager, xid = '', printed = '', description = ''] = RECORD.exec(line) ?? [];
    if (manager === undefined) return;
    const lsn = normalizeLsn(printed);
    if (manager === 'Transaction') this.#readCommit(xid, description);
    else if (manager === 'Database') this.#readDrop(xid, lsn, description);
    else if (this.#pgDatabase.test(description)) this.#readRow(xid, lsn, description);
  }

  /** In the order of the log. */
  get found(): readonly DroppedDatabase[] {
    return [...this.#dropping.values()].flatMap(({ oids, dropLsn, commitsBefore, ...one }) =>
      dropLsn === undefined
        ? []
        : [...oids].map((oid) => ({ ...one, oid, dropLsn, commitsAfter: this.#commits - commitsBefore })),
    );
  }

  #readRow(xid: string, lsn: string, description: string): void {
    if (/^INPLACE\b/.test(description)) {
      this.#markLsn = lsn;
      this.#commitsAtMark = this.#commits;
    } else if (!this.#dropping.has(xid)) this.#begin(xid, lsn);
  }

  #readDrop(xid: string, lsn: string, description: string): void {
    const drop = this.#dropping.get(xid) ?? this.#begin(xid, lsn);
    drop.dropLsn ??= lsn;
    for (const [, oid] of description.matchAll(/\b\d+\/(\d+)\b/g)) drop.oids.add(Number(oid));
  }

  #readCommit(xid: string, description: string): void {
    if (!description.startsWith('COMMIT')) return;
    this.#commits += 1;
    const drop = this.#dropping.get(xid);
    const time = /^COMMIT (\d{4}-\d\d-\d\d) ([\d:.]+) UTC/.exec(description);
    if (drop && time) drop.committedAt = new Date(`${time[1]}T${time[2]}Z`);
  }

  #begin(xid: string, lsn: string): Dropping {
    const drop: Dropping = {
      xid,
      oids: new Set(),
      markLsn: this.#markLsn,
      firstLsn: lsn,
      dropLsn: undefined,
      committedAt: undefined,
      commitsBefore: this.#markLsn === undefined ? this.#commits : this.#commitsAtMark,
    };
    this.#dropping.set(xid, drop);
    return drop;
  }
}

/** pg_waldump pads the second part: `0/076C2858` is 0/76C2858. */
function normalizeLsn(printed: string): string {
  return printed
    .split('/')
    .map((part) => part.replace(/^0+(?=.)/, ''))
    .join('/');
}
