import { z } from 'zod';
import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { inBatches } from '../../../../support/in-batches.ts';
import { readShort } from '../../../../support/read-start.ts';
import { tableId } from '../../table-id.ts';
import { TABLE_FILE } from './is-tool-backup.ts';

/** Source: clickhouse-backup, pkg/metadata/backup_metadata.go. */
const backupSchema = z.object({
  clickhouse_version: z.string().default(''),
  version: z.string().default(''),
  tags: z.string().default(''),
  data_format: z.string().default(''),
  required_backup: z.string().default(''),
  object_disk_size: z.number().default(0),
  tables: z.array(z.object({ database: z.string(), table: z.string() })).nullish(),
  functions: z.array(z.object({ create_query: z.string() })).nullish(),
  cas: z.unknown().optional(),
});

/** Source: pkg/metadata/table_metadata.go. */
const tableSchema = z.object({
  database: z.string(),
  table: z.string(),
  query: z.string(),
  metadata_only: z.boolean().default(false),
  /** Mutations that were unfinished when it was taken. */
  mutations: z.array(z.object({ command: z.string() })).nullish(),
  files: z.record(z.string(), z.array(z.string())).nullish(),
  parts: z
    .record(z.string(), z.array(z.object({ name: z.string(), required: z.boolean().default(false) })).nullish())
    .nullish(),
});

export type ToolTable = z.output<typeof tableSchema> & {
  /** `DB/TABLE`, as used in file names. */
  readonly path: string;
  /** Members that are tars of its parts, as `files` lists them; empty if its parts are stored as files. */
  readonly archives: readonly string[];
};

/** One backup of the tool, with its metadata. */
export interface ToolBackup {
  readonly content: DirectoryContent;
  readonly info: z.output<typeof backupSchema>;
  readonly tables: readonly ToolTable[];
  /** The same tables, by `path`. */
  readonly byPath: ReadonlyMap<string, ToolTable>;
}

const AT_ONCE = 16;
/** A table of 100,000 parts takes some 20 MiB. */
const MAX_DEFINITION_BYTES = 2 ** 26;

/** @throws DrillError `backup-corrupt` for files that are not the tool's, `backup-truncated` for a listed table without a file. */
export async function readToolBackup(content: DirectoryContent, signal: AbortSignal): Promise<ToolBackup> {
  const info = await readJson('metadata.json', backupSchema, content, signal);
  const names = [...content.members.keys()].filter((name) => TABLE_FILE.test(name));
  const tables = await inBatches(names, AT_ONCE, (name) => readTable(name, content, signal));
  const found = new Set(tables.map(tableId));
  const lost = (info.tables ?? []).filter((table) => !found.has(tableId(table)));
  if (lost.length > 0)
    throw lacksTables(
      content.backup.key,
      lost.map(({ database, table }) => `${database}.${table}`),
    );
  return { content, info, tables, byPath: new Map(tables.map((table) => [table.path, table])) };
}

async function readTable(name: string, content: DirectoryContent, signal: AbortSignal): Promise<ToolTable> {
  const table = await readJson(name, tableSchema, content, signal);
  const path = name.slice('metadata/'.length, -'.json'.length);
  const archives = Object.values(table.files ?? {}).flatMap((files) => files.map((file) => `shadow/${path}/${file}`));
  return { ...table, path, archives };
}

async function readJson<T>(
  name: string,
  schema: z.ZodType<T>,
  content: DirectoryContent,
  signal: AbortSignal,
): Promise<T> {
  const bytes = await readShort(await content.streamUnwrapped(name, signal), MAX_DEFINITION_BYTES);
  try {
    return schema.parse(JSON.parse(bytes?.toString() ?? ''));
  } catch (error) {
    throw new DrillError(
      'backup-corrupt',
      `${content.backup.key}${name} does not have the form that clickhouse-backup writes`,
      {
        cause: error,
        hint: 'Compare its checksum with what was written, and take a new backup.',
      },
    );
  }
}

function lacksTables(key: string, lost: readonly string[]): DrillError {
  const [first = '', ...others] = lost;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return new DrillError('backup-truncated', `${key} lists ${first}${more}, but has no definition of it`, {
    details: lost.slice(0, 20),
    hint: 'Compare the files with the original, and take a new backup.',
  });
}
