import { createHash } from 'node:crypto';
import type { Catalog, CatalogSequence } from '../../engines/catalog.ts';
import type { Server } from '../../engines/engine.ts';
import type { Ask } from '../../engines/fingerprint.ts';
import type { RestoredFiles } from '../../engines/restored-files.ts';
import { fingerprintTables } from '../fingerprint/digest-tables.ts';
import type { TableFingerprint } from '../fingerprint/manifest.ts';
import { timeReaderOf } from '../kinds/freshness/time-reader.ts';
import { writeSnapshot } from '../kinds/schema/schema-snapshot.ts';
import { openSessionPool } from '../session-pool.ts';

/** Contents of a restored copy, for comparison with another one. */
export interface CopyDescription {
  readonly tables: readonly TableFingerprint[];
  /** Equal texts mean equal schemas. */
  readonly schema: string;
  /** Position of each sequence, by name. Equal texts mean equal positions. */
  readonly sequences: string;
  /** Newest value of each time column, by `TABLE.COLUMN`, in milliseconds since 1970. */
  readonly newest: ReadonlyMap<string, number>;
  /** Path and content of every file; equal texts mean equal files. Empty if something other than files was restored. */
  readonly files: string;
}

export interface CopyOptions {
  readonly database: string;
  /** When the backup was taken. */
  readonly takenAt: Date;
  readonly cpus: number;
  readonly signal: AbortSignal;
}

const QUERY = { timeoutMs: 3_600_000, maxRows: 200_000 };
/** For a column without an index, the whole table is read. */
const MAX_TIME_COLUMNS = 40;
/** Values further in the future than this are due dates. */
const AHEAD_MS = 600_000;

/** Whether two copies can be compared. */
export function isComparable({ sql, files }: Pick<Server, 'sql' | 'files'>): boolean {
  return sql !== undefined || (files !== undefined && files.mayDiffer !== true);
}

/** Reads every row once, on the server, or every file. Only for servers that are {@link isComparable}. Throws what the queries throw. */
export async function describeCopy(server: Server, options: CopyOptions): Promise<CopyDescription> {
  if (!server.sql && server.files) return await describeFiles(server.files, options.signal);
  return await describeTables(server, options);
}

async function describeFiles(files: RestoredFiles, signal: AbortSignal): Promise<CopyDescription> {
  const lines: string[] = [];
  for await (const { path, kind, sizeBytes } of files.list('', signal))
    lines.push(JSON.stringify([path, kind, kind === 'file' && sizeBytes > 0 ? await files.hash(path, signal) : '']));
  const digest = createHash('sha256');
  for (const line of lines.sort()) digest.update(`${line}\n`);
  return { tables: [], schema: '', sequences: '', newest: new Map(), files: digest.digest('hex') };
}

async function describeTables(
  server: Server,
  { database, takenAt, cpus, signal }: CopyOptions,
): Promise<CopyDescription> {
  await using pool = openSessionPool(server, { defaultDatabase: database, cpus, signal });
  const ask: Ask = (sql) => pool.query(sql, { database: undefined, ...QUERY, signal });
  const catalog = pool.catalog(undefined);
  const sessions = Array.from({ length: pool.size }, () => ask);
  const { hasher } = pool;
  const compared = [...(await hasher.listTables(ask)), ...(hasher.listOthers?.() ?? [])];
  return {
    tables: await fingerprintTables(compared, { hasher, sessions }),
    schema: writeSnapshot(await catalog.schemaObjects()),
    sequences: describeSequences(await catalog.sequences()),
    newest: await readNewest(catalog, ask, takenAt),
    files: '',
  };
}

function describeSequences(sequences: readonly CatalogSequence[]): string {
  return JSON.stringify(sequences.map(({ schema, name, next }) => [schema, name, String(next)]).toSorted());
}

async function readNewest(catalog: Catalog, ask: Ask, takenAt: Date): Promise<ReadonlyMap<string, number>> {
  const boundMs = takenAt.getTime() + AHEAD_MS;
  const tables = new Set(
    (await catalog.tables()).flatMap(({ kind, schema, name }) => (kind === 'table' ? [`${schema}.${name}`] : [])),
  );
  const columns = (await catalog.columns()).filter(
    ({ table, time }) => (time === 'absolute' || time === 'wall') && tables.has(`${table.schema}.${table.name}`),
  );
  const newest = new Map<string, number>();
  for (const column of columns.slice(0, MAX_TIME_COLUMNS)) {
    const { table, name } = column;
    const sql = `SELECT MAX(${catalog.quote(name)}) FROM ${catalog.quote(table.schema, table.name)}`;
    const cell = (await ask(sql)).rows[0]?.[0] ?? null;
    const instantMs = timeReaderOf(column, 'UTC', undefined)?.toInstantMs(cell, boundMs);
    if (instantMs !== undefined && instantMs <= boundMs) newest.set(`${table.name}.${name}`, instantMs);
  }
  return newest;
}
