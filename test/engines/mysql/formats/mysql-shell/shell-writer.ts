import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Ask } from '../../fingerprint.ts';

/** A real server to dump in the layout of MySQL Shell. No image has MySQL Shell, so nothing here was written by it. */
export interface ShellSource {
  readonly ask: Ask;
  /** Runs a script on the machine that has the server and its tools. */
  readonly shell: (script: string) => Promise<unknown>;
  /** `mysql -u…`, `mysqldump -u…`. */
  readonly client: string;
  readonly dump: string;
  readonly serverVersion: string;
}

interface WriteOptions {
  /** Path on the host. */
  readonly directory: string;
  /** Path of the same directory on the server's machine. */
  readonly inside: string;
  readonly databases: readonly string[];
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** Number of files for the rows of each table whose key is a single column. */
  readonly chunks: number;
}

interface Column {
  readonly table: string;
  readonly name: string;
  readonly isBytes: boolean;
}

const ENDINGS = { none: 'tsv', gzip: 'tsv.gz', zstd: 'tsv.zst' } as const;
const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const forShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Encodes names as MySQL Shell does: every ASCII character except letters, digits and `_ - . ~` is percent-encoded.
 * Source: dump_utils.cc.
 */
function shellName(name: string): string {
  return name.replaceAll(
    /[\0-,/:-@[-^`{-}\x7f]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/**
 * Dumps these databases. The server itself writes the rows, in the same format; its own dump tool writes the
 * definitions.
 */
export async function writeShellDump(source: ShellSource, options: WriteOptions): Promise<void> {
  const { directory, databases } = options;
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o777);
  const bytes: Record<string, number> = {};
  const put = (name: string, value: unknown): Promise<void> =>
    writeFile(join(directory, name), typeof value === 'string' ? value : JSON.stringify(value, null, 4));
  await put('@.json', {
    dumper: 'mysqlsh Ver 9.4.0 for Linux on x86_64 - for MySQL 9.4.0 (MySQL Community Server (GPL))',
    version: '2.0.1',
    origin: 'dumpSchemas',
    schemas: databases,
    basenames: Object.fromEntries(databases.map((name) => [name, shellName(name)])),
    defaultCharacterSet: 'utf8mb4',
    tzUtc: true,
    bytesPerChunk: 64_000_000,
    serverVersion: source.serverVersion,
    binlogFile: 'bin.000004',
    binlogPosition: 5951,
    gtidExecuted: '',
    consistent: true,
    compatibilityOptions: [],
  });
  for (const name of ['@.sql', '@.post.sql']) await put(name, '-- MySQLShell dump 2.0.1\n');
  for (const database of databases) await writeSchema(source, options, database, put);
  await compressRows(options, bytes);
  await put('@.done.json', { end: '2026-11-28 03:00:00', dataBytes: 0, chunkFileBytes: bytes });
}

async function writeSchema(
  source: ShellSource,
  options: WriteOptions,
  database: string,
  put: (name: string, value: unknown) => Promise<void>,
): Promise<void> {
  const { ask } = source;
  const base = shellName(database);
  const list = (sql: string): Promise<readonly string[]> => ask(sql);
  const ofKind = (kind: string): Promise<readonly string[]> =>
    list(
      `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${database}' AND TABLE_TYPE = '${kind}'`,
    );
  const tables = await ofKind('BASE TABLE');
  const views = await ofKind('VIEW');
  const routines = (kind: string): Promise<readonly string[]> =>
    list(
      `SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${database}' AND ROUTINE_TYPE = '${kind}'`,
    );
  const basenames = Object.fromEntries([...tables, ...views].map((name) => [name, `${base}@${shellName(name)}`]));
  await put(`${base}.json`, {
    schema: database,
    includesDdl: true,
    includesViewsDdl: true,
    includesData: true,
    tables,
    views,
    events: await list(`SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${database}'`),
    functions: await routines('FUNCTION'),
    procedures: await routines('PROCEDURE'),
    basenames,
  });
  const columns = await columnsOf(ask, database);
  const script = [`cd ${forShell(options.inside)}; umask 000`];
  const definitions = `${source.dump} --skip-comments --no-tablespaces`;
  script.push(
    `${definitions} --no-data --no-create-info --skip-triggers --routines --events --databases ${forShell(database)} > ${forShell(`${base}.sql`)}`,
  );
  for (const table of tables) {
    const file = basenames[table] ?? '';
    const name = `${forShell(database)} ${forShell(table)}`;
    const own = columns.filter((column) => column.table === table);
    script.push(
      `${definitions} --no-data --skip-triggers --skip-add-drop-table ${name} > ${forShell(`${file}.sql`)}`,
      `${definitions} --no-data --no-create-info --triggers ${name} > ${forShell(`${file}.triggers.sql`)}`,
      `${source.client} --default-character-set=utf8mb4 <<'EOS'\n${await rowsOf(ask, options, { database, table, file, own })}\nEOS`,
    );
    await put(`${file}.json`, {
      options: {
        schema: database,
        table,
        columns: own.map(({ name: column }) => column),
        decodeColumns: Object.fromEntries(
          own.filter(({ isBytes }) => isBytes).map(({ name: column }) => [column, 'FROM_BASE64']),
        ),
        defaultCharacterSet: 'utf8mb4',
        fieldsTerminatedBy: '\t',
        fieldsEnclosedBy: '',
        fieldsOptionallyEnclosed: false,
        fieldsEscapedBy: '\\',
        linesTerminatedBy: '\n',
      },
      includesData: true,
      includesDdl: true,
      extension: ENDINGS[options.compression],
      chunking: true,
      compression: options.compression,
      partitions: [],
      basenames: {},
    });
  }
  for (const view of views) {
    const file = basenames[view] ?? '';
    const own = columns.filter((column) => column.table === view).map(({ name }) => `1 AS ${quote(name)}`);
    await put(
      `${file}.pre.sql`,
      `DROP VIEW IF EXISTS ${quote(view)};\nCREATE VIEW ${quote(view)} AS SELECT ${own.join(', ')};\n`,
    );
    const [definition = ''] = await ask(
      `SELECT CONCAT('CREATE DEFINER=', ${definerOf('DEFINER')}, ' SQL SECURITY ', SECURITY_TYPE, ' VIEW ${quote(view)} AS ', VIEW_DEFINITION) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '${database}' AND TABLE_NAME = ${literal(view)}`,
    );
    await put(`${file}.sql`, `DROP VIEW IF EXISTS ${quote(view)};\n${definition};\n`);
  }
  await source.shell(script.join('\n'));
}

/** Turns `user@host` into `` `user`@`host` ``. */
function definerOf(column: string): string {
  const part = (of: string): string => `CONCAT('\`', REPLACE(${of}, '\`', '\`\`'), '\`')`;
  return `CONCAT(${part(`LEFT(${column}, CHAR_LENGTH(${column}) - CHAR_LENGTH(SUBSTRING_INDEX(${column}, '@', -1)) - 1)`)}, '@', ${part(`SUBSTRING_INDEX(${column}, '@', -1)`)})`;
}

/** All columns except generated ones, whose values are computed again. */
async function columnsOf(ask: Ask, database: string): Promise<readonly Column[]> {
  const lines = await ask(
    `SELECT CONCAT_WS('\\t', TABLE_NAME, COLUMN_NAME, DATA_TYPE) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${database}' AND IFNULL(GENERATION_EXPRESSION, '') = '' ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  );
  return lines.map((line) => {
    const [table = '', name = '', type = ''] = line.split('\t');
    return { table, name, isBytes: /binary|blob|bit|geometry|point|polygon|linestring/.test(type) };
  });
}

async function rowsOf(
  ask: Ask,
  { inside, chunks }: WriteOptions,
  { database, table, file, own }: { database: string; table: string; file: string; own: readonly Column[] },
): Promise<string> {
  const name = `${quote(database)}.${quote(table)}`;
  const values = own.map(({ name: column, isBytes }) =>
    isBytes ? `REPLACE(TO_BASE64(CAST(${quote(column)} AS BINARY)), '\\n', '')` : quote(column),
  );
  const count = Number((await ask(`SELECT COUNT(*) FROM ${name}`))[0]);
  const parts = count > 1 ? chunks : 1;
  const size = Math.ceil(count / parts) || 1;
  return Array.from({ length: parts }, (_, part) => {
    const mark = part === parts - 1 ? '@@' : '@';
    const path = `${inside}/${file}${mark}${part}.tsv`.replaceAll('\\', '\\\\');
    return `SELECT ${values.join(', ')} FROM ${name} ORDER BY 1 LIMIT ${size} OFFSET ${part * size} INTO OUTFILE ${literal(path)} CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n';`;
  }).join('\n');
}

async function compressRows({ directory, compression }: WriteOptions, bytes: Record<string, number>): Promise<void> {
  for (const name of (await readdir(directory)).filter((each) => each.endsWith('.tsv'))) {
    const from = join(directory, name);
    const stored = name.replace(/tsv$/, ENDINGS[compression]);
    bytes[stored] = (await stat(from)).size;
    if (compression === 'none') continue;
    const packer = compression === 'gzip' ? createGzip() : createZstdCompress();
    await pipeline(createReadStream(from), packer, createWriteStream(join(directory, stored)));
    await rm(from);
  }
}
