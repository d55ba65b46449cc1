import { readName } from './heap-page.ts';

/** OIDs of catalog tables, which are also their file numbers unless they were rewritten. */
export const [PG_CLASS, PG_DATABASE, PG_INHERITS, PG_NAMESPACE] = [1259, 1262, 2611, 2615];
/** The first OID that a server assigns to objects created by users. */
export const FIRST_NORMAL_OID = 16384;

/** A row of pg_class. */
export interface Relation {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly filenode: number;
  readonly tablespace: number;
  /** Estimate from the server's statistics; undefined if it has none. */
  readonly rows: number | undefined;
  /** `r` table, `p` partitioned table, `t` TOAST, `i` index, … */
  readonly kind: string;
  /** `p` permanent, `u` unlogged, `t` temporary. */
  readonly persistence: string;
}

/** @param body of a row of pg_class. Source: PostgreSQL's src/include/catalog/pg_class.h; 18 added a column before the last of these. */
export function readRelation(body: Buffer, major: number): Relation | undefined {
  const name = readName(body, 4);
  const flags = major >= 18 ? 118 : 114;
  if (name === undefined || body.length < flags + 2) return undefined;
  const rows = body.readFloatLE(100);
  return {
    oid: body.readUInt32LE(0),
    name,
    schemaOid: body.readUInt32LE(68),
    filenode: body.readUInt32LE(88),
    tablespace: body.readUInt32LE(92),
    rows: rows >= 0 && Number.isFinite(rows) ? Math.round(rows) : undefined,
    kind: body.toString('latin1', flags + 1, flags + 2),
    persistence: body.toString('latin1', flags, flags + 1),
  };
}

/** A row of pg_database or of pg_namespace: the OID is the first column, the name the second. */
export function readNamed(body: Buffer): { readonly oid: number; readonly name: string } | undefined {
  const name = readName(body, 4);
  return name === undefined ? undefined : { oid: body.readUInt32LE(0), name };
}

/** A row of pg_inherits: the OIDs of a partition, or a table that inherits, and of the table above it. */
export function readInheritance(body: Buffer): { readonly oid: number; readonly parent: number } | undefined {
  return body.length < 8 ? undefined : { oid: body.readUInt32LE(0), parent: body.readUInt32LE(4) };
}

/**
 * Whether a row of pg_database belongs to a database that is being dropped: its connection limit is -2. Source: PostgreSQL's src/include/catalog/pg_database.h,
 * DATCONNLIMIT_INVALID_DB; the column has the same offset from 15 to 18.
 */
export function isInvalidDatabase(body: Buffer): boolean {
  return body.length >= 84 && body.readInt32LE(80) === -2;
}

/** Schemas that every new database has. */
const OWN_SCHEMAS: ReadonlyMap<number, string> = new Map([
  [11, 'pg_catalog'],
  [99, 'pg_toast'],
  [2200, 'public'],
]);

export function isSystemSchema(oid: number): boolean {
  return oid === 11 || oid === 99;
}

export function ownSchema(oid: number): string | undefined {
  return OWN_SCHEMAS.get(oid);
}

/**
 * The file of a catalog table that has no file number in its pg_class row. Source: PostgreSQL's src/backend/utils/cache/relmapper.c, RelMapFile: a magic
 * number, a count, and pairs of an OID and a file number.
 * @param relationMap the file pg_filenode.map of a database, or of `global`.
 */
export function mappedFilenode(relationMap: Buffer, oid: number): number {
  const count = relationMap.length >= 8 ? relationMap.readInt32LE(4) : 0;
  for (let index = 0; index < count && 16 + index * 8 <= relationMap.length; index += 1) {
    if (relationMap.readUInt32LE(8 + index * 8) === oid) return relationMap.readUInt32LE(12 + index * 8);
  }
  return oid;
}
