import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { CatalogHistory } from './catalog-history.ts';
import { mappedFilenode, PG_CLASS, PG_DATABASE, PG_INHERITS, PG_NAMESPACE } from './catalog-rows.ts';
import { dumpLog, type LogPart } from './dump-log.ts';
import { MIN_BATCH_ROWS } from './find-deletes.ts';
import { type FoundInLog, findEvents } from './find-events.ts';
import { PAGE_BYTES } from './heap-page.ts';
import { readRecordBytes } from './record-bytes.ts';
import { findUnseen, readRewrites, type UnseenPart, withRewritten } from './rewritten-catalogs.ts';
import { type Catalogs, linesToRead, type MapRecord, TransactionScanner } from './transaction-scanner.ts';

export interface ScanOptions {
  /** The server's major version. */
  readonly major: number;
  /** A data directory in the sandbox, as of the start of this part, from which names are also read. Undefined to use the log alone. */
  readonly data: string | undefined;
  /** Minimum number of rows of one table that make a mass deletion; undefined for the defaults of `findDeletions`. */
  readonly minRows: number | undefined;
  /** Whether an unreadable part is reported with the results before it, rather than thrown. Default: no. */
  readonly mayBeDamaged?: boolean;
}

export interface ScannedLog extends FoundInLog {
  /** Number of transactions that committed in it. */
  readonly commits: number;
  /** Parts in which events of a database could not be seen. */
  readonly unseen: readonly UnseenPart[];
  /** Why the rest was not searched. */
  readonly damage: DrillError | undefined;
}

/**
 * Searches the log for events that destroyed data, without replaying it.
 * @throws DrillError what `dumpLog` throws.
 */
export async function scanLog(
  part: LogPart,
  { major, data, minRows, mayBeDamaged = false }: ScanOptions,
  signal: AbortSignal,
): Promise<ScannedLog> {
  const { sandbox } = part;
  const maps = data === undefined ? [] : await readRelationMaps(sandbox, data, signal);
  const global = maps.find(({ directory }) => directory.endsWith('/global'));
  const pgDatabase = global ? mappedFilenode(global.map, PG_DATABASE) : PG_DATABASE;
  const classes = new Map(maps.map(({ directory, map }) => [directory, mappedFilenode(map, PG_CLASS)]));
  const catalogs: Catalogs = {
    filenodes: new Set([PG_CLASS, PG_INHERITS, PG_NAMESPACE, ...classes.values()]),
    pgDatabases: new Set([pgDatabase]),
  };
  const scan = (of: Catalogs) => scanTransactions(part, of, { minRows, mayBeDamaged }, signal);
  const first = await scan(catalogs);
  const rewrites = readRewrites(await readMaps(part, first.scanner.mapRecords, signal));
  const followed = withRewritten(catalogs, rewrites);
  const { scanner, damage } = followed ? await scan(followed) : first; // this is rare, so the log is read twice instead of always reading more of it

  const history = new CatalogHistory(major);
  const databases = databasesOf(scanner);
  if (global)
    history.addPages(
      PG_DATABASE,
      { database: 0, filenode: pgDatabase },
      await readPages(sandbox, `${global.directory}/${pgDatabase}`, signal),
    );
  for (const { directory } of maps) {
    const database = Number(/\/(\d+)$/.exec(directory)?.[1] ?? 0);
    if (!databases.has(database)) continue;
    for (const oid of [PG_CLASS, PG_NAMESPACE, PG_INHERITS]) {
      const filenode = oid === PG_CLASS ? (classes.get(directory) ?? oid) : history.filenodeOf(database, oid);
      history.addPages(oid, { database, filenode }, await readPages(sandbox, `${directory}/${filenode}`, signal));
    }
  }
  for (const { record, filenode } of rewrites) {
    const { database } = record;
    if (database !== 0 && !maps.some(({ directory }) => directory.endsWith(`/${database}`)))
      history.addFile(PG_CLASS, { database, filenode: PG_CLASS });
    history.addFile(database === 0 ? PG_DATABASE : PG_CLASS, { database, filenode });
  }
  if (!global) history.addFile(PG_DATABASE, { database: 0, filenode: PG_DATABASE });
  const wanted = scanner.catalogRecords.filter(({ database }) => database === 0 || databases.has(database));
  for await (const { lsn, bytes } of readRecordBytes(part, wanted, signal)) history.readRecord(bytes, lsn);
  const isKnown = (database: number, filenode: number) =>
    (database === 0 ? catalogs.pgDatabases : catalogs.filenodes).has(filenode) ||
    history.holdsFile({ database, filenode });
  const unseen = findUnseen(rewrites, isKnown, scanner.transactions);
  return {
    ...findEvents(scanner, history, minRows),
    commits: scanner.commits,
    unseen: unseen.map((one) => ({ ...one, name: history.databaseName(one.database) })),
    damage,
  };
}

async function scanTransactions(
  part: LogPart,
  catalogs: Catalogs,
  { minRows = MIN_BATCH_ROWS, mayBeDamaged }: Pick<ScanOptions, 'minRows' | 'mayBeDamaged'>,
  signal: AbortSignal,
): Promise<{ readonly scanner: TransactionScanner; readonly damage: DrillError | undefined }> {
  const scanner = new TransactionScanner(catalogs, Math.min(minRows, MIN_BATCH_ROWS));
  try {
    await dumpLog(part, linesToRead(catalogs), (line) => scanner.readLine(line), signal);
    return { scanner, damage: undefined };
  } catch (thrown) {
    const isDamage = thrown instanceof DrillError && ['log-damaged', 'log-incomplete'].includes(thrown.code);
    if (mayBeDamaged && isDamage) return { scanner, damage: thrown };
    throw thrown;
  }
}

async function readMaps(part: LogPart, records: readonly MapRecord[], signal: AbortSignal) {
  const byLsn = new Map(records.map((record) => [record.lsn, record]));
  const found: { readonly record: MapRecord; readonly bytes: Buffer }[] = [];
  for await (const { lsn, bytes } of readRecordBytes(part, records, signal)) {
    const record = byLsn.get(lsn);
    if (record) found.push({ record, bytes });
  }
  return found;
}

/** Databases in which a transaction may have destroyed something; catalogs of other databases are not read. */
function databasesOf({ transactions, drops }: TransactionScanner): ReadonlySet<number> {
  const found = new Set(drops.map(({ oid }) => oid));
  for (const { dropped, deleted, changed } of transactions) {
    for (const { database } of dropped) found.add(database);
    for (const { database } of deleted) found.add(database);
    for (const database of changed) found.add(database);
  }
  return found;
}

/** @returns the map of each database, by its directory, including those in other tablespaces. */
async function readRelationMaps(sandbox: Sandbox, data: string, signal: AbortSignal) {
  const { stdout } = await exec(sandbox, ['sh', '-c', READ_MAPS, 'maps', data], signal);
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [, directory, hex] = /^(.*)\/pg_filenode\.map ([0-9a-f]+)$/.exec(line) ?? [];
      return directory === undefined || hex === undefined ? [] : [{ directory, map: Buffer.from(hex, 'hex') }];
    });
}

const READ_MAPS = `
for file in "$1"/global/pg_filenode.map "$1"/base/*/pg_filenode.map "$1"/pg_tblspc/*/*/*/pg_filenode.map; do
  [ ! -f "$file" ] || printf '%s %s\\n' "$file" "$(od -An -v -tx1 "$file" | tr -d ' \\n')"
done
`;

/** A larger catalog is only partly read: this is a hundred thousand tables. */
const MAX_BYTES = 64 * 2 ** 20;

async function readPages(sandbox: Sandbox, path: string, signal: AbortSignal): Promise<readonly Buffer[]> {
  const { stdout } = await exec(sandbox, ['head', '-c', String(MAX_BYTES), path], signal);
  const pages: Buffer[] = [];
  for (let at = 0; at + PAGE_BYTES <= stdout.length; at += PAGE_BYTES) pages.push(stdout.subarray(at, at + PAGE_BYTES));
  return pages;
}

async function exec(sandbox: Sandbox, argv: readonly string[], signal: AbortSignal): Promise<{ stdout: Buffer }> {
  const stream = new PassThrough();
  const [stdout] = await Promise.all([buffer(stream), sandbox.exec(argv, { stdout: stream, signal })]);
  return { stdout };
}
