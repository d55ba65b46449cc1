import { z } from 'zod';
import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import { readShort } from '../../../../support/read-start.ts';

/** Written first. */
export const DUMP_FILE = '@.json';
/** Written last. */
export const DONE_FILE = '@.done.json';
const CHECKSUMS_FILE = '@.checksums.json';
/** The metadata holds names and sizes, never rows. */
const MAX_BYTES = 256 * 2 ** 20;

const NAMES = z.array(z.string()).default([]);
const BASENAMES = z.record(z.string(), z.string()).default({});

/**
 * Server details that newer versions record in place of single fields. A value of an unexpected form counts as unknown, not as damage. Source: dump_info.cc,
 * server_info.cc in modules/util/common/dump.
 */
const SOURCE = z.object({
  version: z.string().max(100).optional().catch(undefined),
  sysvars: z
    .object({ version: z.string().max(100).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  binlog: z
    .object({ file: z.string().optional(), position: z.number().optional(), gtidExecuted: z.string().optional() })
    .optional()
    .catch(undefined),
});

const DUMP = z.object({
  source: SOURCE.optional().catch(undefined),
  dumper: z.string().max(300).optional(),
  schemas: NAMES,
  basenames: BASENAMES,
  defaultCharacterSet: z.string().optional(),
  tzUtc: z.boolean().default(false),
  serverVersion: z.string().max(100).optional(),
  users: z.array(z.unknown()).optional(),
  consistent: z.boolean().default(true),
  binlogFile: z.string().optional(),
  binlogPosition: z.number().optional(),
  gtidExecuted: z.string().optional(),
  gtidExecutedInconsistent: z.boolean().default(false),
});

const SCHEMA = z.object({
  schema: z.string(),
  includesDdl: z.boolean().default(true),
  includesViewsDdl: z.boolean().optional(),
  includesData: z.boolean().default(true),
  tables: NAMES,
  views: NAMES,
  events: NAMES,
  functions: NAMES,
  procedures: NAMES,
  basenames: BASENAMES,
});

const TABLE = z.object({
  options: z.object({
    columns: z.array(z.string()).default([]),
    decodeColumns: z.record(z.string(), z.string()).default({}),
    defaultCharacterSet: z.string().optional(),
    fieldsTerminatedBy: z.string().default('\t'),
    fieldsEnclosedBy: z.string().default(''),
    fieldsOptionallyEnclosed: z.boolean().default(false),
    fieldsEscapedBy: z.string().default('\\'),
    linesTerminatedBy: z.string().default('\n'),
  }),
  triggers: NAMES,
  where: z.string().optional(),
});

const DONE = z.object({ chunkFileBytes: z.record(z.string(), z.number()).optional() });

const CHECKSUMS = z.object({
  data: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ partitions: z.record(z.string(), z.record(z.string(), z.object({ count: z.number() }))).default({}) }),
    ),
  ),
});

/** Metadata that MySQL Shell records about a dump. Source: its manual, "Files Created"; the functions in its dumper.cc that write each file. */
export type ShellDump = Omit<z.infer<typeof DUMP>, 'source'>;
export type ShellSchema = z.infer<typeof SCHEMA> & { readonly basename: string };
export type ShellTable = z.infer<typeof TABLE>;

/** MySQL Shell mistakes MariaDB for an old MySQL: `5.6.0-10.11.6-MariaDB`. Source: server_info.cc, `server_version`. */
const NOT_ITS_OWN = /^5\.\d+\.\d+-(?=\d+\.\d+\.\d+.*MariaDB)/i;

export async function readDump(content: DirectoryContent, signal: AbortSignal): Promise<ShellDump> {
  const { source, ...dump } = await readJson(content, DUMP_FILE, DUMP, signal);
  return {
    ...dump,
    serverVersion: (dump.serverVersion ?? source?.sysvars?.version ?? source?.version)?.replace(NOT_ITS_OWN, ''),
    binlogFile: dump.binlogFile ?? source?.binlog?.file,
    binlogPosition: dump.binlogPosition ?? source?.binlog?.position,
    gtidExecuted: dump.gtidExecuted ?? source?.binlog?.gtidExecuted,
  };
}

export async function readSchema(
  content: DirectoryContent,
  basename: string,
  signal: AbortSignal,
): Promise<ShellSchema> {
  return { ...(await readJson(content, `${basename}.json`, SCHEMA, signal)), basename };
}

/** @param basename prefix of its file names: `shop@orders`. */
export function readTable(content: DirectoryContent, basename: string, signal: AbortSignal): Promise<ShellTable> {
  return readJson(content, `${basename}.json`, TABLE, signal);
}

/** @returns the size of each file's rows in bytes, decompressed; undefined for versions that did not record it. */
export async function readChunkBytes(
  content: DirectoryContent,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { chunkFileBytes } = await readJson(content, DONE_FILE, DONE, signal);
  return chunkFileBytes && new Map(Object.entries(chunkFileBytes));
}

/** @returns the row count of each table, by schema and table as JSON; empty for dumps without the option `checksum`. */
export async function readRowCounts(
  content: DirectoryContent,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  if (!content.members.has(CHECKSUMS_FILE)) return counts;
  const { data } = await readJson(content, CHECKSUMS_FILE, CHECKSUMS, signal);
  for (const [schema, tables] of Object.entries(data)) {
    for (const [table, { partitions }] of Object.entries(tables)) {
      const chunks = Object.values(partitions).flatMap((partition) => Object.values(partition));
      counts.set(
        JSON.stringify([schema, table]),
        chunks.reduce((sum, { count }) => sum + count, 0),
      );
    }
  }
  return counts;
}

/** @throws DrillError `backup-truncated` if the file is missing, `backup-corrupt` when it is not what MySQL Shell writes. */
async function readJson<T extends z.ZodType>(
  content: DirectoryContent,
  name: string,
  schema: T,
  signal: AbortSignal,
): Promise<z.infer<T>> {
  const { key } = content.backup;
  if (!content.members.has(name)) throw missingFile(key, name);
  const bytes = await readShort(await content.streamUnwrapped(name, signal), MAX_BYTES);
  if (!bytes) throw damaged(key, name, `it has more than ${formatBytes(MAX_BYTES)}`);
  const text = bytes.toString('utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(key, name, error instanceof SyntaxError ? 'it is not JSON' : 'it lacks what every such file has');
  }
}

export function missingFile(key: string, name: string): DrillError {
  return new DrillError('backup-truncated', `${key} is a dump of MySQL Shell without ${name}`, {
    hint: 'Files were deleted or not uploaded: compare with what MySQL Shell wrote.',
  });
}

function damaged(key: string, name: string, how: string): DrillError {
  return new DrillError('backup-corrupt', `${key}${name} is not as MySQL Shell writes it: ${how}`, {
    hint: 'Compare its size and checksum with what was written, and take a new backup.',
  });
}
