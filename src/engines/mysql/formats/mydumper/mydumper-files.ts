import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';

/** A file of rows or of a definition. */
export interface MydumperFile {
  /** The member's name. */
  readonly name: string;
  readonly database: string;
  /** As in the file name, where newer versions may have replaced it with a made-up one; empty for a database's own files. */
  readonly table: string;
}

/** The members of a mydumper directory, by content. Source: mydumper's manual, "Output Files". */
export interface MydumperFiles {
  readonly databases: readonly MydumperFile[];
  readonly sequences: readonly MydumperFile[];
  readonly tables: readonly MydumperFile[];
  readonly data: readonly MydumperFile[];
  readonly views: readonly MydumperFile[];
  readonly triggers: readonly MydumperFile[];
  /** Routines and events. */
  readonly post: readonly MydumperFile[];
}

/** The chunks of a table's rows, if numbered consecutively. */
export interface NumberedChunks {
  readonly database: string;
  readonly table: string;
  /** Ascending, each with its number. */
  readonly files: readonly (readonly [number: number, file: MydumperFile])[];
}

type Kind = keyof MydumperFiles;

/** `db-schema-create.sql`, `db.table-schema.sql`, `db.table.00000.sql`, `db.table.00000.00001.sql`, …, each compressed or not. */
const ENDINGS: readonly (readonly [ending: RegExp, kind: Kind])[] = [
  [/-schema-create$/, 'databases'],
  [/-schema-post$/, 'post'],
  [/-schema-triggers$/, 'triggers'],
  [/-schema-view$/, 'views'],
  [/-schema-sequence$/, 'sequences'],
  [/-schema$/, 'tables'],
];
const COMPRESSED = /\.(?:gz|zst|lz4|xz|bz2)$/;
const CHUNK = /((?:\.\d{5,})+)$/;

/** @throws DrillError `format-unsupported` for rows in files that only LOAD DATA reads, `backup-truncated` when chunks are missing. */
export function listMydumperFiles(content: DirectoryContent): MydumperFiles {
  const files: Record<Kind, MydumperFile[]> = {
    databases: [],
    sequences: [],
    tables: [],
    data: [],
    views: [],
    triggers: [],
    post: [],
  };
  for (const name of [...content.members.keys()].sort()) {
    const plain = name.replace(COMPRESSED, '');
    if (/\.(?:dat|csv|json)$/.test(plain)) throw rowsOutsideSql(content.backup.key, name);
    if (!plain.endsWith('.sql') || name.includes('/')) continue;
    const stem = plain.slice(0, -'.sql'.length);
    const [ending, kind] = ENDINGS.find(([pattern]) => pattern.test(stem)) ?? [CHUNK, 'data' as const];
    const [database = '', table = ''] = splitName(stem.replace(ending, ''));
    files[kind].push({ name, database, table });
  }
  requireChunks(content.backup.key, files.data);
  return files;
}

/** The database's name ends at the first dot; newer versions replace names that contain one. */
function splitName(name: string): [database: string, table: string] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** @returns the tables whose row files are numbered consecutively; newer versions number them by thread as well, and leave gaps on purpose. */
export function numberedChunks(data: readonly MydumperFile[]): readonly NumberedChunks[] {
  const tables = new Map<string, { database: string; table: string; files: [number, MydumperFile][] }>();
  for (const file of data) {
    const chunk = CHUNK.exec(file.name.replace(COMPRESSED, '').slice(0, -'.sql'.length))?.[1] ?? '';
    if (!/^\.\d{5}$/.test(chunk)) continue;
    const key = `${file.database}.${file.table}`;
    const seen = tables.get(key) ?? { database: file.database, table: file.table, files: [] };
    seen.files.push([Number(chunk.slice(1)), file]);
    tables.set(key, seen);
  }
  for (const { files } of tables.values()) files.sort(([a], [b]) => a - b);
  return [...tables.values()];
}

/** Rows are numbered from 0 or 1. Gaps after the first number are checked once the rows are loaded: a chunk without rows has no file. */
function requireChunks(key: string, data: readonly MydumperFile[]): void {
  for (const { database, table, files } of numberedChunks(data)) {
    const first = files[0]?.[0] ?? 0;
    const last = files.at(-1)?.[0] ?? 0;
    if (first > 1) throw chunkMissing(key, `${database}.${table}`, first, last + 1 - files.length);
  }
}

function chunkMissing(key: string, table: string, first: number, missing: number): DrillError {
  return new DrillError(
    'backup-truncated',
    `${key} lacks ${missing} files of rows of ${table}: the first that is there is number ${first}`,
    {
      hint: 'Files were deleted or not uploaded: compare with what mydumper wrote.',
    },
  );
}

function rowsOutsideSql(key: string, name: string): DrillError {
  return new DrillError('format-unsupported', `${key} holds rows as ${name}, which only myloader and LOAD DATA read`, {
    hint: 'Dump without `--load-data`, `--csv` and `--format`, so that mydumper writes INSERT statements.',
  });
}
