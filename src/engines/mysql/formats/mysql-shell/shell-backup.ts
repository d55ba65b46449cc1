import type { DirectoryContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import { inBatches } from '../../../../support/in-batches.ts';
import { seriesOf, versionIn } from '../../../../support/versions.ts';
import type { LogicalBackup } from '../../../logical-backup.ts';
import type { Flavor } from '../../flavor.ts';
import { factsOf } from '../../loading/backup-facts.ts';
import { firstBytesOf } from '../../loading/first-bytes.ts';
import { mysqlBackup } from '../../loading/mysql-backup.ts';
import { coordinatesOf, type LogCoordinates } from '../../log/start-coordinates.ts';
import { logStartOf } from '../../recovery/log-start.ts';
import { SYSTEM_DATABASES } from '../../server/system-databases.ts';
import { type PlainFacts, readPlainFacts } from '../plain-sql/plain-facts.ts';
import { basenameOf, listShellFiles, requireTriggers, type ShellTableFiles } from './shell-files.ts';
import { loadShellDump } from './shell-load.ts';
import {
  DONE_FILE,
  missingFile,
  readChunkBytes,
  readDump,
  readRowCounts,
  readSchema,
  readTable,
  type ShellDump,
  type ShellSchema,
  type ShellTable,
} from './shell-metadata.ts';

/** How many definitions are read to find out what they need; reading all would take one request each. */
const DEFINITIONS_READ = 20;
/** Concurrent requests for the metadata of schemas, or of tables. */
const READ_AT_ONCE = 16;

/**
 * @throws DrillError `backup-truncated` when the dump is unfinished or files are missing, `backup-corrupt` when its metadata is not MySQL Shell's,
 * `engine-mismatch` for the other product's dump, `format-unsupported` for rows without definitions.
 */
export async function shellBackup(
  content: DirectoryContent,
  flavor: Flavor,
  signal: AbortSignal,
): Promise<LogicalBackup> {
  const { key } = content.backup;
  if (!content.members.has(DONE_FILE)) throw unfinished(key);
  const dump = await readDump(content, signal);
  const schemas = await readSchemas(content, dump, signal);
  const files = listShellFiles(content, dump, schemas, await readChunkBytes(content, signal));
  const definitions = await readTables(content, files.tables, signal);
  requireTriggers(content, definitions);
  const rowCounts = await readRowCounts(content, signal);
  const found = await lookAtDefinitions(content, dump, schemas, signal);
  const compression = compressionOf(files.tables.flatMap(({ chunks }) => chunks.map(({ name }) => name)));
  const facts = {
    ...factsOf(key, found, `MySQL Shell dump${compression}${describeLayers(content.layers)}`, flavor),
    dumpedBy: dumperOf(dump),
    tableCount: files.tables.filter(({ chunks }) => chunks.length > 0).length,
  };
  const backup = mysqlBackup(flavor, {
    facts,
    found,
    meter: content.meter,
    coordinates: coordinatesIn(dump),
    load: (server, options) =>
      loadShellDump({ content, dump, schemas, files, definitions, rowCounts, facts }, server, options),
  });
  return { ...backup, databases: found.databases.filter((name) => !SYSTEM_DATABASES.has(name.toLowerCase())) };
}

/** An inconsistent dump was not taken at a single position. */
function coordinatesIn({
  consistent,
  gtidExecutedInconsistent,
  binlogFile,
  binlogPosition,
  gtidExecuted,
  serverVersion,
}: ShellDump): LogCoordinates | undefined {
  if (!consistent || gtidExecutedInconsistent) return undefined;
  const start = logStartOf(binlogFile ?? '', binlogPosition ?? '', gtidExecuted);
  const coordinates = coordinatesOf(start, 'the dump’s @.json');
  return coordinates && { ...coordinates, serverVersion: versionIn(serverVersion ?? '', 3) };
}

async function readSchemas(
  content: DirectoryContent,
  dump: ShellDump,
  signal: AbortSignal,
): Promise<readonly ShellSchema[]> {
  const basenames = dump.schemas.map((name) => dump.basenames[name] ?? name);
  return inBatches(basenames, READ_AT_ONCE, (basename) => readSchema(content, basename, signal));
}

/** @returns the metadata of each table, by the prefix of its file names. */
async function readTables(
  content: DirectoryContent,
  tables: readonly ShellTableFiles[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ShellTable>> {
  const basenames = tables.map(({ basename }) => basename).filter((name) => content.members.has(`${name}.json`));
  const read = async (name: string) => [name, await readTable(content, name, signal)] as const;
  return new Map(await inBatches(basenames, READ_AT_ONCE, read));
}

async function lookAtDefinitions(
  content: DirectoryContent,
  dump: ShellDump,
  schemas: readonly ShellSchema[],
  signal: AbortSignal,
): Promise<PlainFacts> {
  const names = schemas
    .flatMap((schema) => [schema.basename, ...schema.tables.map((table) => basenameOf(schema, table))])
    .map((basename) => `${basename}.sql`)
    .filter((name) => content.members.has(name))
    .slice(0, DEFINITIONS_READ);
  const texts = await Promise.all(names.map(async (name) => firstBytesOf(await content.streamUnwrapped(name, signal))));
  const version = versionIn(dump.serverVersion ?? '', 3);
  return {
    ...readPlainFacts(Buffer.concat(texts)),
    product: productOf(dump.serverVersion),
    serverVersion: version,
    major: version === undefined ? undefined : seriesOf(version, 2),
    databases: schemas.map(({ schema }) => schema),
    isSeveral: true,
  };
}

/** MariaDB's versions contain its name, or begin at 10, where MySQL's end at 9. */
function productOf(version: string | undefined): 'mysql' | 'mariadb' | undefined {
  if (version === undefined) return undefined;
  return /mariadb/i.test(version) || Number.parseInt(version, 10) >= 10 ? 'mariadb' : 'mysql';
}

function dumperOf({ dumper = '' }: ShellDump): string {
  const version = versionIn(dumper, 3);
  return version === undefined ? 'MySQL Shell' : `MySQL Shell ${version}`;
}

function compressionOf(names: readonly string[]): string {
  const ending = /\.(zst|gz)$/.exec(names[0] ?? '')?.[1];
  return ending === undefined ? '' : ` (${ending === 'zst' ? 'zstd' : 'gzip'})`;
}

function unfinished(key: string): DrillError {
  const { message } = missingFile(key, DONE_FILE);
  return new DrillError('backup-truncated', `${message}, which it writes last`, {
    hint: 'The dump was not finished, or not all of it was uploaded: check the job that writes it.',
  });
}
