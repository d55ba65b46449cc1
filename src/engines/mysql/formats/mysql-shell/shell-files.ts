import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { missingFile, type ShellDump, type ShellSchema, type ShellTable } from './shell-metadata.ts';

/** A file of rows. */
export interface ShellChunk {
  readonly name: string;
  /** In bytes, as stored. */
  readonly sizeBytes: number;
  /** Size of its rows in bytes, decompressed; undefined if the dump does not record it. */
  readonly dataBytes: number | undefined;
}

export interface ShellTableFiles {
  readonly schema: string;
  readonly table: string;
  /** Prefix of its file names: `shop@orders`. */
  readonly basename: string;
  readonly chunks: readonly ShellChunk[];
}

export interface ShellFiles {
  readonly tables: readonly ShellTableFiles[];
  /** Files of rows that the dump does not list. */
  readonly strangers: readonly string[];
}

const ROWS = /\.(?:tsv|csv|txt)(?:\.(?:zst|gz))?$/;
const CHUNK = /@(@?)(\d+)$/;

/**
 * Lists the files of each table, and finds missing ones. If the dump records its files, all of them must exist except those without rows; in an older dump they
 * are numbered from 0, and the last one has two @ before its number. Source: dump_utils.cc and dump_reader.cc of MySQL Shell.
 * @throws DrillError `backup-truncated`.
 */
export function listShellFiles(
  content: DirectoryContent,
  dump: ShellDump,
  schemas: readonly ShellSchema[],
  bytes: ReadonlyMap<string, number> | undefined,
): ShellFiles {
  const { key } = content.backup;
  requireDefinitions(content, dump, schemas);
  const chunks = new Map<string, ShellChunk[]>();
  const tables = schemas.flatMap((schema) =>
    schema.tables.map((table) => {
      const basename = basenameOf(schema, table);
      const own: ShellChunk[] = [];
      chunks.set(basename, own);
      return { schema: schema.schema, table, basename, chunks: own };
    }),
  );
  const strangers: string[] = [];
  for (const [name, { sizeBytes }] of content.members) {
    if (!ROWS.test(name) || name.includes('/')) continue;
    const own = chunks.get(tableBasename(name, chunks) ?? '');
    if (own === undefined || (bytes && !bytes.has(name))) strangers.push(name);
    else own.push({ name, sizeBytes, dataBytes: bytes?.get(name) });
  }
  if (bytes) requireListed(content, bytes);
  else for (const table of tables) requireNumbered(key, table);
  return { tables, strangers };
}

/** @param definitions the metadata of each table, by the prefix of its file names. @throws DrillError `backup-truncated`. */
export function requireTriggers(content: DirectoryContent, definitions: ReadonlyMap<string, ShellTable>): void {
  for (const [basename, { triggers }] of definitions) {
    const name = `${basename}.triggers.sql`;
    if (triggers.length > 0 && !content.members.has(name)) throw missingFile(content.backup.key, name);
  }
}

/** File names of a table or a view, without their suffixes. They are percent-encoded, and long ones are cut, so the metadata lists them. */
export function basenameOf(schema: ShellSchema, object: string): string {
  return schema.basenames[object] ?? `${schema.basename}@${object}`;
}

/** `shop@orders@@0.tsv.zst`, `shop@orders@p2026@3.tsv.zst`, `shop@orders.tsv`. */
function tableBasename(name: string, known: ReadonlyMap<string, unknown>): string | undefined {
  const stem = name.replace(ROWS, '');
  const whole = stem.replace(CHUNK, '');
  return [stem, whole, whole.slice(0, Math.max(0, whole.lastIndexOf('@')))].find((base) => known.has(base));
}

function requireDefinitions(content: DirectoryContent, dump: ShellDump, schemas: readonly ShellSchema[]): void {
  const { key } = content.backup;
  const need = (name: string): void => {
    if (!content.members.has(name)) throw missingFile(key, name);
  };
  if (dump.users) need('@.users.sql');
  for (const schema of schemas) {
    if (!schema.includesDdl) throw rowsOnly(key, schema.schema);
    for (const table of schema.tables) need(`${basenameOf(schema, table)}.sql`);
    for (const view of schema.views) {
      need(`${basenameOf(schema, view)}.pre.sql`);
      need(`${basenameOf(schema, view)}.sql`);
    }
  }
}

function requireListed({ members, backup: { key } }: DirectoryContent, bytes: ReadonlyMap<string, number>): void {
  const missing = [...bytes].filter(([name, size]) => size > 0 && !members.has(name));
  const [first] = missing;
  if (!first) return;
  throw lacksRows(
    key,
    `${missing.length} of the ${bytes.size} files of rows that @.done.json lists, the first is ${first[0]}`,
  );
}

function requireNumbered(key: string, { basename, chunks }: ShellTableFiles): void {
  const series = new Map<string, { numbers: number[]; last: number | undefined }>();
  for (const { name } of chunks) {
    const stem = name.replace(ROWS, '');
    const [ending = '', mark, digits] = CHUNK.exec(stem) ?? [];
    if (digits === undefined) continue;
    const base = stem.slice(0, stem.length - ending.length);
    const seen = series.get(base) ?? { numbers: [], last: undefined };
    seen.numbers.push(Number(digits));
    if (mark === '@') seen.last = Number(digits);
    series.set(base, seen);
  }
  for (const [base, { numbers, last }] of series) {
    if (last === undefined) throw lacksRows(key, `the last file of rows of ${base}, which has @@ in its name`);
    const missing = Array.from({ length: last + 1 }, (_, number) => number).find((number) => !numbers.includes(number));
    if (missing !== undefined) throw lacksRows(key, `file ${missing} of the ${last + 1} files of rows of ${base}`);
  }
  if (chunks.length === 0) throw lacksRows(key, `the files of rows of ${basename}`);
}

function lacksRows(key: string, what: string): DrillError {
  return new DrillError('backup-truncated', `${key} lacks ${what}`, {
    hint: 'Files were deleted or not uploaded: compare with what MySQL Shell wrote.',
  });
}

function rowsOnly(key: string, schema: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} holds the rows of ${schema} without its definitions (dataOnly), so that it cannot be restored by itself`,
    { hint: 'Drill a dump that was taken without `dataOnly`.' },
  );
}
