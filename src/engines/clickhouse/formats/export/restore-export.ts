import { Readable } from 'node:stream';
import type { DirectoryContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { compareSeries } from '../../../../support/versions.ts';
import { finishRestore } from '../../../finish-restore.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../../format.ts';
import { openProgram } from '../../server/open-program.ts';
import type { ClickHouseProgram } from '../../server/program.ts';
import { RestoredClickHouse } from '../../server/restored-clickhouse.ts';
import type { ListedTable } from '../../server/verify-inventory.ts';
import { quoteName } from '../../sql/quoting.ts';
import { createTables, nameOf } from '../parts/create-tables.ts';
import { type ExportedTable, type ExportFile, OLDEST } from './exported-table.ts';
import { type Column, loadFile, readColumns, tableId } from './load-file.ts';

export interface TableExport {
  readonly content: DirectoryContent;
  readonly tables: readonly ExportedTable[];
}

/** @throws DrillError `tool-missing`, `version-unsupported`. */
export async function provisionExport(
  backup: TableExport,
  sandbox: Sandbox,
  { phases, onBooted, signal }: ProvisionOptions,
): Promise<Restoration> {
  phases.enter('boot');
  const program = await openProgram(sandbox, signal);
  const server = new RestoredClickHouse(program);
  onBooted(server);
  if (compareSeries(program.version, OLDEST) < 0) {
    throw new DrillError(
      'version-unsupported',
      `exports are loaded by ClickHouse ${OLDEST} or later; ${sandbox.provenance.name} has ${program.version}`,
      { hint: 'Name a later image in `engine.image`: it reads what an older server exported.' },
    );
  }
  return { run: (options) => restore(backup, { program, server }, options) };
}

interface Site {
  readonly program: ClickHouseProgram;
  readonly server: RestoredClickHouse;
}

/** Tables and their rows first: a materialized view that is there already would take them in as well. */
async function restore(
  { content, tables }: TableExport,
  { program, server }: Site,
  options: RunOptions,
): Promise<Restored> {
  const { key } = content.backup;
  const { signal, phases } = options;
  const files = tables.reduce((sum, table) => sum + table.files.length, 0);
  let done = 0;
  const report = (doing: string, ratio = files === 0 ? 1 : done / files) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio, phase: 'load' });
  const isView = ({ definition }: ExportedTable) => definition?.kind === 'view';
  const warnings: string[] = [];
  const listed: ListedTable[] = [];
  const databases = new Set(tables.map((table) => table.database));
  const sql = [...databases].map((name) => `CREATE DATABASE IF NOT EXISTS ${quoteName(name)};`);
  await program.ask(sql.join('\n'), { signal });
  for (const some of [tables.filter((table) => !isView(table)), tables.filter(isView)]) {
    phases.enter('load');
    report('creating tables');
    const created = await createDefined(program, some, { key, signal });
    warnings.push(...created.warnings);
    const columns = created.tables.length === 0 ? new Map() : await readColumns(program, signal);
    for (const table of created.tables) {
      let rows = 0;
      for (const file of filesToLoad(table)) {
        report(`loading ${nameOf(table)}`);
        rows += await load(content, table, file, { program, types: columns.get(tableId(table)), options });
        done += 1;
      }
      warnings.push(...describeTable(table, rows));
      listed.push({ database: table.database, table: table.table, hasData: rows > 0 });
    }
  }
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
    const { definition, files } = table;
    const parts = files.map(({ name }) => ({ name, files: new Map<string, string>() }));
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

/** What is read through a view is in the tables that it reads, unless it keeps rows of its own. */
function filesToLoad({ definition, files }: ExportedTable): readonly ExportFile[] {
  if (definition?.kind === 'dictionary') return [];
  return definition?.kind === 'view' && !/\bENGINE\s*=/.test(definition.create()) ? [] : files;
}

function describeTable(table: ExportedTable, rows: number): readonly string[] {
  const { definition, files } = table;
  const name = nameOf(table);
  if (!definition)
    return [`${name} has no definition in the backup: it got the columns of its rows, and no sorting key`];
  const changes = definition.changes.length > 0 ? [`${name} was restored ${definition.changes.join(', ')}`] : [];
  if (definition.kind !== 'table' || rows > 0) return changes;
  return [
    ...changes,
    files.length === 0 ? `${name} is defined, and its rows were not exported` : `${name} was exported without rows`,
  ];
}

/** @returns how many rows the file has. */
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
): Promise<number> {
  if (file.sizeBytes === 0) return 0;
  const { signal, phases } = options;
  const { sandbox } = program;
  const path = `${sandbox.paths.scratch}/export`;
  phases.enter('fetch');
  const bytes = file.isWrapped ? await content.streamUnwrapped(file.name, signal) : content.stream(file.name, signal);
  await sandbox.writeFiles(
    sandbox.paths.scratch,
    Readable.from([{ name: 'export', sizeBytes: undefined, content: bytes }]),
    signal,
  );
  phases.enter('load');
  const { rows } = await loadFile(program, table, { key: content.backup.key, file, path, types, signal });
  await sandbox.exec(['rm', '-f', path], { signal });
  return rows;
}
