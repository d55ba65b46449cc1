import { CatalogPages, type CatalogTable } from './catalog-pages.ts';
import {
  isInvalidDatabase,
  ownSchema,
  PG_CLASS,
  PG_DATABASE,
  PG_INHERITS,
  PG_NAMESPACE,
  type Relation,
  readInheritance,
  readNamed,
  readRelation,
} from './catalog-rows.ts';
import { parseLsn } from './log-line.ts';
import { addVersion, type RowVersion, versionAt } from './row-versions.ts';
import type { RelationChange } from './table-changes.ts';
import { decodeRecord, withinBounds } from './wal-record.ts';

/** The catalog as the log is read: which transaction changed what in pg_class, and the names of objects at each position. */
export class CatalogHistory {
  readonly #major: number;
  readonly #pages = new CatalogPages();
  readonly #changes = new Map<string, RelationChange[]>();
  /** By file number: the contents of its row, and the log position from which on they apply. */
  readonly #relations = new Map<string, RowVersion[]>();
  readonly #databases = new Map<number, string>();
  readonly #schemas = new Map<string, string>();
  readonly #classFilenodes = new Map<number, Set<number>>();
  readonly #namespaceFilenodes = new Map<number, number>();
  readonly #inheritsFilenodes = new Map<number, number>();
  /** Partitioned tables, and the tables above partitions, by database and OID. */
  readonly #partitioned = new Map<string, Relation>();
  readonly #parents = new Map<string, number>();
  readonly #databaseFilenodes = new Set<number>();
  /** Positions of the records that marked a database as about to be dropped. */
  readonly #marks = new Set<string>();

  constructor(major: number) {
    this.#major = major;
  }

  /** Rows from a file of the backup, as of the backup's instant. */
  addPages(oid: number, table: CatalogTable, pages: readonly Buffer[]): void {
    this.addFile(oid, table);
    if (oid === PG_NAMESPACE) this.#namespaceFilenodes.set(table.database, table.filenode);
    if (oid === PG_INHERITS) this.#inheritsFilenodes.set(table.database, table.filenode);
    for (const [block, page] of pages.entries()) {
      for (const body of this.#pages.setPage(table, block, page)) this.#learn(oid, table.database, body, 0);
    }
  }

  /** Adds a file to which pg_class or pg_database was, or will be, rewritten. */
  addFile(oid: number, { database, filenode }: CatalogTable): void {
    if (oid === PG_DATABASE) this.#databaseFilenodes.add(filenode);
    if (oid !== PG_CLASS) return;
    this.#classFilenodes.set(database, (this.#classFilenodes.get(database) ?? new Set<number>()).add(filenode));
  }

  holdsFile(table: CatalogTable): boolean {
    return this.#pages.holdsFile(table);
  }

  /** @param bytes of a record about a page of the catalog. Records must come in log order. */
  readRecord(bytes: Buffer, lsn: string): void {
    const at = parseLsn(lsn);
    const record = decodeRecord(bytes);
    const onRows = (table: CatalogTable, rows: readonly Buffer[]) => {
      for (const body of rows) this.#learn(this.#oidOf(table), table.database, body, at);
    };
    const change = record && withinBounds(() => this.#pages.apply(record, onRows));
    if (!change) return;
    const oid = this.#oidOf(change.table);
    const { database } = change.table;
    if (change.kind === 'inplace') {
      if (oid === PG_DATABASE && change.after && isInvalidDatabase(change.after)) this.#marks.add(lsn);
      if (oid === PG_CLASS && change.after) this.#learn(oid, database, change.after, at); // ANALYZE and VACUUM update the row counts
      return;
    }
    if (change.before) this.#learn(oid, database, change.before, at - 1);
    if (change.after) this.#learn(oid, database, change.after, at);
    if (oid !== PG_CLASS) return;
    const read = (body: Buffer | undefined) => body && readRelation(body, this.#major);
    const found = this.#changes.get(change.xid) ?? [];
    found.push({ kind: change.kind, database, before: read(change.before), after: read(change.after) });
    this.#changes.set(change.xid, found);
  }

  /** Whether the record there marked a database as about to be dropped; other in-place updates are VACUUM’s. */
  isMark(lsn: string): boolean {
    return this.#marks.has(lsn);
  }

  changesOf(xids: readonly string[]): readonly RelationChange[] {
    return xids.flatMap((xid) => this.#changes.get(xid) ?? []);
  }

  /** What the file belonged to at a position in the log; if that is unknown, what it belonged to later. */
  relationIn(database: number, filenode: number, lsn: string): Relation | undefined {
    return versionAt(this.#relations.get(`${database}/${filenode}`) ?? [], parseLsn(lsn))?.relation;
  }

  /** The file of a catalog table. */
  filenodeOf(database: number, oid: number): number {
    for (const [key, known] of this.#relations) {
      const found = known.findLast(({ relation }) => relation.oid === oid);
      if (found && key.startsWith(`${database}/`)) return found.relation.filenode;
    }
    return oid;
  }

  databaseName(oid: number): string | undefined {
    return this.#databases.get(oid);
  }

  /** `public.orders`; undefined if the schema's name is unknown. */
  qualify(database: number, { name, schemaOid }: Pick<Relation, 'name' | 'schemaOid'>): string | undefined {
    const schema = this.#schemas.get(`${database}/${schemaOid}`) ?? ownSchema(schemaOid);
    return schema === undefined ? undefined : `${schema}.${name}`;
  }

  /** Names of the partitioned tables that a table is a partition of, the nearest first. */
  partitionedAbove(database: number, { oid }: Pick<Relation, 'oid'>): readonly string[] {
    const names: string[] = [];
    let parent = this.#parents.get(`${database}/${oid}`);
    for (let level = 0; parent !== undefined && level < MAX_LEVELS; level += 1) {
      const relation = this.#partitioned.get(`${database}/${parent}`);
      const name = relation && this.qualify(database, relation);
      if (name !== undefined) names.push(name);
      parent = this.#parents.get(`${database}/${parent}`);
    }
    return names;
  }

  #oidOf({ database, filenode }: CatalogTable): number | undefined {
    if (database === 0) return isOneOf(filenode, this.#databaseFilenodes, PG_DATABASE) ? PG_DATABASE : undefined;
    if (isOneOf(filenode, this.#classFilenodes.get(database), PG_CLASS)) return PG_CLASS;
    if (filenode === (this.#inheritsFilenodes.get(database) ?? PG_INHERITS)) return PG_INHERITS;
    return filenode === (this.#namespaceFilenodes.get(database) ?? PG_NAMESPACE) ? PG_NAMESPACE : undefined;
  }

  #learn(oid: number | undefined, database: number, body: Buffer, at: number): void {
    if (oid === PG_CLASS) this.#learnRelation(database, body, at);
    const inherited = oid === PG_INHERITS ? readInheritance(body) : undefined;
    if (inherited) this.#parents.set(`${database}/${inherited.oid}`, inherited.parent);
    const named = oid === PG_CLASS ? undefined : readNamed(body);
    if (named && oid === PG_DATABASE) this.#databases.set(named.oid, named.name);
    if (named && oid === PG_NAMESPACE) this.#schemas.set(`${database}/${named.oid}`, named.name);
  }

  #learnRelation(database: number, body: Buffer, at: number): void {
    const relation = readRelation(body, this.#major);
    if (relation?.kind === 'p') this.#partitioned.set(`${database}/${relation.oid}`, relation);
    if (!relation || relation.filenode === 0) return;
    const key = `${database}/${relation.filenode}`;
    const known = this.#relations.get(key) ?? [];
    const last = known.at(-1)?.relation;
    const isSame = last?.name === relation.name && last.schemaOid === relation.schemaOid && last.oid === relation.oid;
    if (isSame && last.rows === relation.rows) return;
    addVersion(known, { at, relation });
    this.#relations.set(key, known);
  }
}

/** Partitions of partitions: a damaged log may lead in a circle. */
const MAX_LEVELS = 16;

/** @param known its files; if there are none, the file has the table's own OID. */
function isOneOf(filenode: number, known: ReadonlySet<number> | undefined, own: number): boolean {
  return known && known.size > 0 ? known.has(filenode) : filenode === own;
}
