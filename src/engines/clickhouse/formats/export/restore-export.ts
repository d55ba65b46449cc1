import { Readable } from 'node:stream';
import type { DirectoryContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { compareSeries } from '../../../../support/versions.ts';
import { finishRestore } from '../../../finish-restore.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../../format.ts';
import { OLDEST_LOCAL } from '../../server/oldest-local.ts';
import { openProgram } from '../../server/open-program.ts';
import type { ClickHouseProgram } from '../../server/program.ts';
import type { ListedTable } from '../../server/verify-inventory.ts';
import { tableId } from '../../table-id.ts';
import { type BootedProgram, bootProgram } from '../boot-program.ts';
import { createDatabases } from '../parts/create-databases.ts';
import { createTables, nameOf } from '../parts/create-tables.ts';
import { allEmpty, requireMayBeEmpty } from './empty-files.ts';
import type { ExportedTable, ExportFile } from './exported-table.ts';
import { filesToLoad, rowlessEngine } from './files-to-load.ts';
import { type Column, type LoadedFile, loadFile, readColumns } from './load-file.ts';

export interface TableExport {
  readonly content: DirectoryContent;
  readonly tables: readonly ExportedTable[];
}

/** @throws DrillError `tool-missing`, `version-unsupported`. */
export async function provisionExport(
  backup: TableExport,
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const booted = await bootProgram(openProgram, sandbox, options);
  const { version } = booted.program;
  if (compareSeries(version, OLDEST_LOCAL) < 0) {
    throw new DrillError(
      'version-unsupported',
      `exports are loaded by ClickHouse ${OLDEST_LOCAL} or later; ${sandbox.provenance.name} has ${version}`,
      { hint: 'Name a later image in `engine.image`: it reads what an older server exported.' },
    );
  }
  return { run: (run) => restore(backup, booted, run) };
}

/** Tables and their rows first: an existing materialized view would receive the rows as well. */
async function restore(
  { content, tables }: TableExport,
  { program, server }: BootedProgram,
  options: RunOptions,
): Promise<Restored> {
  const { key } = content.backup;
  const { signal, phases } = options;
  const files = tables.reduce((sum, table) => sum + filesToLoad(table).length, 0);
  let done = 0;
  let empty = 0;
  const report = (doing: string, ratio = files === 0 ? 1 : done / files) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio, phase: 'load' });
  const isView = ({ definition }: ExportedTable) => definition?.kind === 'view';
  const warnings: string[] = [];
  const listed: ListedTable[] = [];
  await createDatabases(
    program,
    tables.map((table) => table.database),
    { key, signal },
  );
  for (const some of [tables.filter((table) => !isView(table)), tables.filter(isView)]) {
    phases.enter('load');
    report('creating tables');
    const created = await createDefined(program, some, { key, signal });
    warnings.push(...created.warnings);
    const columns = created.tables.length === 0 ? new Map() : await readColumns(program, { key, signal });
    for (const table of created.tables) {
      let rows = 0;
      for (const file of filesToLoad(table)) {
        report(`loading ${nameOf(table)}`);
        const loaded = await load(content, table, file, { program, types: columns.get(tableId(table)), options });
        rows += loaded?.rows ?? 0;
        if (!loaded) empty += 1;
        done += 1;
      }
      warnings.push(...describeTable(table, rows));
      listed.push({ database: table.database, table: table.table, hasData: rows > 0 });
    }
  }
  if (empty > 0 && empty === files) throw allEmpty(key, files);
  server.expect(listed);
  const database = options.database ?? tables[0]?.database ?? 'default';
  return finishRestore(server, { database, warnings }, options, () => report('flushing', 1));
}

async function createDefined(
  program: ClickHouseProgram,
  tables: readonly ExportedTable[],
  context: { readonly key: string; readonly signal: AbortSignal },
): Promise<{ readonly tables: readonly ExportedTable[]; readonly warnings: readonly string[] }> {
  const defined = tables.flatMap((table) => {
    const { definition } = table;
    const parts = filesToLoad(table).map(({ name }) => ({ name, files: new Map<string, string>() }));
    return definition ? [{ table, parted: { ...table, definition, parts } }] : [];
  });
  const { created, warnings } = await createTables(
    program,
    defined.map(({ parted }) => parted),
    context,
  );
  const made = new Set(created);
  const lost = new Set(defined.filter(({ parted }) => !made.has(parted)).map(({ table }) => table));
  return { tables: tables.filter((table) => !lost.has(table)), warnings };
}

function describeTable(table: ExportedTable, rows: number): readonly string[] {
  const { definition, files } = table;
  const name = nameOf(table);
  if (!definition)
    return [`${name} has no definition in the backup: its columns were taken from its rows, and it has no sorting key`];
  const changes = definition.changes.length > 0 ? [`${name} was restored ${definition.changes.join(', ')}`] : [];
  if (definition.kind !== 'table' || rows > 0) return changes;
  const engine = rowlessEngine(definition);
  if (engine !== undefined)
    return files.length === 0
      ? changes
      : [...changes, `${name} stores no rows in a sandbox (engine ${engine}): its exported rows were not loaded`];
  return [
    ...changes,
    files.length === 0
      ? `${name} has a definition, but its rows were not exported`
      : `${name} was exported without rows`,
  ];
}

/** @returns undefined for an empty file. */
async function load(
  content: DirectoryContent,
  table: ExportedTable,
  file: ExportFile,
  {
    program,
    types,
    options,
  }: {
    readonly program: ClickHouseProgram;
    readonly types: ReadonlyMap<string, Column> | undefined;
    readonly options: RunOptions;
  },
): Promise<LoadedFile | undefined> {
  if (file.sizeBytes === 0) return undefined;
  const { signal, phases } = options;
  const { key } = content.backup;
  const { sandbox } = program;
  const path = `${sandbox.paths.scratch}/export`;
  phases.enter('fetch');
  const stored = file.isWrapped ? await content.streamUnwrapped(file.name, signal) : content.stream(file.name, signal);
  const size = { bytes: 0 };
  const bytes = Readable.from(counted(stored, size), { objectMode: false });
  await sandbox.writeFiles(
    sandbox.paths.scratch,
    Readable.from([{ name: 'export', sizeBytes: undefined, content: bytes }]),
    signal,
  );
  if (size.bytes === 0) {
    requireMayBeEmpty(key, file, table);
    return undefined;
  }
  phases.enter('load');
  const loaded = await loadFile(program, table, { key, file, path, types, signal });
  await sandbox.exec(['rm', '-f', path], { signal });
  return loaded;
}

/** Only reading shows whether a compressed file contains anything. */
async function* counted(stored: Readable, size: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of stored) {
    size.bytes += chunk.length;
    yield chunk;
  }
}
