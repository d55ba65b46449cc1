import type { DirectoryContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import { readShort } from '../../../../support/read-start.ts';
import type { LogicalBackup } from '../../../logical-backup.ts';
import type { Flavor } from '../../flavor.ts';
import { factsOf } from '../../loading/backup-facts.ts';
import { firstBytesOf } from '../../loading/first-bytes.ts';
import { mysqlBackup } from '../../loading/mysql-backup.ts';
import { SYSTEM_DATABASES } from '../../server/system-databases.ts';
import { type PlainFacts, readPlainFacts } from '../plain-sql/plain-facts.ts';
import { listMydumperFiles, type MydumperFile, type MydumperFiles } from './mydumper-files.ts';
import { loadMydumper } from './mydumper-load.ts';
import { type MydumperMetadata, readMydumperMetadata } from './mydumper-metadata.ts';

const METADATA = 'metadata';
const MAX_METADATA_BYTES = 64 * 2 ** 20;
/** How many definitions are read to find out what they need; reading all would take one request each. */
const DEFINITIONS_READ = 20;

/**
 * A mydumper directory: SQL in many files, which the harness reads and sends itself, several at a time.
 * @throws DrillError `backup-truncated` when the dump is unfinished, `backup-unrecognised` when it is not mydumper's.
 */
export async function mydumperBackup(
  content: DirectoryContent,
  flavor: Flavor,
  signal: AbortSignal,
): Promise<LogicalBackup> {
  const metadata = await readMetadata(content, signal);
  const files = listMydumperFiles(content);
  if (files.tables.length === 0) {
    throw new DrillError(
      'backup-unrecognised',
      `${content.backup.key} holds no definition of a table that mydumper wrote`,
      {
        hint: 'Dump the schema with the data: without `--no-schemas`.',
      },
    );
  }
  requireContent(content, files, metadata);
  requireDefinitions(content.backup.key, files, metadata);
  requireRows(content.backup.key, files, metadata);
  const found = await lookAtDefinitions(content, files, metadata, signal);
  const packed = [...content.members.keys()].some((name) => /\.sql\.\w+$/.test(name)) ? ' (compressed)' : '';
  const facts = {
    ...factsOf(content.backup.key, found, `mydumper directory${packed}${describeLayers(content.layers)}`, flavor),
    dumpedBy: 'mydumper',
    tableCount: new Set(files.data.map(({ database, table }) => `${database}.${table}`)).size,
  };
  const backup = mysqlBackup(flavor, {
    facts,
    found,
    meter: content.meter,
    coordinates: metadata.coordinates,
    load: (server, options) => loadMydumper({ content, files, metadata, facts }, server, options),
  });
  return { ...backup, databases: found.databases.filter((name) => !SYSTEM_DATABASES.has(name.toLowerCase())) };
}

async function readMetadata(content: DirectoryContent, signal: AbortSignal): Promise<MydumperMetadata> {
  const { key } = content.backup;
  if (!content.members.has(METADATA)) {
    if (content.members.has(`${METADATA}.partial`))
      throw unfinished(key, 'its metadata is still called metadata.partial');
    throw new DrillError(
      'backup-unrecognised',
      `${key} holds ${content.members.size} objects, but no metadata: it is not a mydumper directory`,
      {
        hint: 'Set `backup.match` to select the prefix that contains the file metadata; without it the dump was never finished.',
      },
    );
  }
  const bytes = await readShort(await content.streamUnwrapped(METADATA, signal), MAX_METADATA_BYTES);
  if (!bytes) {
    const most = formatBytes(MAX_METADATA_BYTES);
    throw new DrillError('backup-corrupt', `${key}metadata has more than ${most}; no metadata is that long`, {
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
    });
  }
  const metadata = readMydumperMetadata(bytes.toString());
  if (!metadata.isFinished) throw unfinished(key, 'its metadata does not say when it was finished');
  return metadata;
}

function unfinished(key: string, how: string): DrillError {
  return new DrillError('backup-truncated', `${key} is a mydumper directory that was not finished: ${how}`, {
    hint: 'mydumper was stopped, or not all files were uploaded: check the job that writes them.',
  });
}

/** mydumper writes something into every file, except for chunks without rows, which its metadata may show. */
function requireContent(content: DirectoryContent, files: MydumperFiles, { rowCounts }: MydumperMetadata): void {
  const all = Object.values(files).flat();
  const empty = all.filter(({ name, database, table }) => {
    const isOfData = files.data.some((file) => file.name === name);
    return content.members.get(name)?.sizeBytes === 0 && !(isOfData && rowCounts.has(`${database}.${table}`));
  });
  if (empty.length === 0) return;
  throw new DrillError(
    'backup-truncated',
    `${content.backup.key} holds ${empty.length === 1 ? 'an empty file' : `${empty.length} empty files, the first is`} ${empty[0]?.name}`,
    { hint: mayBeBuiltEmpty(empty, files) ? BUILT_EMPTY_HINT : CUT_HINT },
  );
}

const CUT_HINT = 'The dump or its upload was cut short: compare the sizes with what mydumper wrote.';
const BUILT_EMPTY_HINT =
  'Such a file cannot be told from one that was lost. If mydumper runs with `--build-empty-files`, which writes them for tables without rows, dump without that option or with `--compress`.';

/** With `--build-empty-files` each table has one file of rows even without rows; numbered files always hold rows. */
function mayBeBuiltEmpty(empty: readonly MydumperFile[], files: MydumperFiles): boolean {
  const nameOf = ({ database, table }: MydumperFile): string => `${database}.${table}`;
  const withFile = new Set([...files.data, ...files.views, ...files.sequences].map(nameOf));
  return (
    files.tables.every((table) => withFile.has(nameOf(table))) &&
    empty.every((file) => files.data.includes(file) && file.name === `${nameOf(file)}.sql`)
  );
}

function requireDefinitions(key: string, files: MydumperFiles, { rowCounts, others }: MydumperMetadata): void {
  const defined = new Set(
    [...files.tables, ...files.views, ...files.sequences].map(({ database, table }) => `${database}.${table}`),
  );
  const missing = [...rowCounts.keys()].filter((table) => !defined.has(table) && !others.has(table));
  if (missing.length === 0) return;
  throw new DrillError(
    'backup-truncated',
    `${key} lacks the definitions of ${missing.length} of the ${rowCounts.size} tables that its metadata lists, the first is ${missing[0]}`,
    { hint: 'Files were deleted or not uploaded: compare with what mydumper wrote.' },
  );
}

/** Tables for which the metadata states a row count must have their files. */
function requireRows(key: string, files: MydumperFiles, { rowCounts }: MydumperMetadata): void {
  const withData = new Set(files.data.map(({ database, table }) => `${database}.${table}`));
  const missing = [...rowCounts].filter(([table, rows]) => rows > 0 && !withData.has(table));
  const [first] = missing;
  if (!first) return;
  throw new DrillError(
    'backup-truncated',
    `${key} lacks the rows of ${missing.length} of the ${rowCounts.size} tables that its metadata lists, the first is ${first[0]} with ${first[1]} rows`,
    {
      hint: 'Files were deleted or not uploaded: compare with what mydumper wrote.',
    },
  );
}

async function lookAtDefinitions(
  content: DirectoryContent,
  files: MydumperFiles,
  metadata: MydumperMetadata,
  signal: AbortSignal,
): Promise<PlainFacts> {
  const looked = [...files.databases.slice(0, 5), ...files.tables.slice(0, DEFINITIONS_READ)];
  const texts = await Promise.all(
    looked.map(async ({ name }) => firstBytesOf(await content.streamUnwrapped(name, signal))),
  );
  const found = readPlainFacts(Buffer.concat(texts));
  const databases = new Set([...files.databases, ...files.tables, ...files.post].map(({ database }) => database));
  return { ...found, product: metadata.product ?? found.product, databases: [...databases], isSeveral: true };
}
