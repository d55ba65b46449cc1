import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { readStart } from '../../../../support/read-start.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { OLDEST_LOCAL } from '../../server/oldest-local.ts';
import { tableId } from '../../table-id.ts';
import { nameOf } from '../parts/create-tables.ts';
import { type Definition, readDefinition } from '../parts/definition.ts';
import { allEmpty, requireMayBeEmpty } from './empty-files.ts';
import { isExport, readDefinitionName, readExportName } from './export-names.ts';
import type { ExportedTable, ExportFile } from './exported-table.ts';
import { filesToLoad } from './files-to-load.ts';
import { provisionExport } from './restore-export.ts';

const DEFINITION_BYTES = 2 ** 22;

export const exportFormat: BackupFormat = {
  recognise: (content) =>
    content.kind === 'directory' && isExport(content) ? (signal) => openExport(content, signal) : undefined,
};

async function openExport(content: DirectoryContent, signal: AbortSignal): Promise<OpenBackup> {
  const { key } = content.backup;
  const tables = collect(content, await readDefinitions(content, signal));
  requireOnce(key, tables);
  requireOwnRows(key, tables);
  requireRows(key, tables);
  const databases = [...new Set(tables.map(({ database }) => database))];
  const formats = [...new Set(tables.flatMap(({ files }) => files.map(({ format }) => format)))];
  return {
    facts: {
      engine: 'clickhouse',
      format: `export in ${formats.toSorted().join(' and ')}`,
      serverVersion: 'unknown',
      dumpedBy: 'SELECT',
      roles: [],
      database: databases.length === 1 ? databases[0] : undefined,
      tableCount: tables.filter(({ files }) => files.length > 0).length,
    },
    needs: { major: OLDEST_LOCAL, extensions: [] },
    isLogical: true,
    databases,
    provision: (sandbox, options) => provisionExport({ content, tables }, sandbox, options),
  };
}

function collect(
  { members }: DirectoryContent,
  definitions: ReadonlyMap<string, Definition>,
): readonly ExportedTable[] {
  const tables = new Map<string, { database: string; table: string; files: ExportFile[] }>();
  const take = ({ database, table }: Pick<ExportedTable, 'database' | 'table'>) => {
    const id = tableId({ database, table });
    const known = tables.get(id) ?? { database, table, files: [] };
    tables.set(id, known);
    return known;
  };
  for (const [name, { sizeBytes }] of members) {
    const found = readExportName(name);
    if (found) take(found).files.push({ ...found, name, sizeBytes });
    const defined = readDefinitionName(name);
    if (defined && definitions.has(tableId(defined))) take(defined);
  }
  return [...tables].map(([id, table]) => ({ ...table, definition: definitions.get(id) }));
}

async function readDefinitions(
  content: DirectoryContent,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Definition>> {
  const found = new Map<string, Definition>();
  for (const name of content.members.keys()) {
    const of = readDefinitionName(name);
    if (!of) continue;
    const text = (await readStart(await content.streamUnwrapped(name, signal), DEFINITION_BYTES)).toString();
    const definition = readDefinition(withLines(text), of.database, of.table);
    if (!definition) {
      throw new DrillError('backup-corrupt', `${content.backup.key}${name} does not define a table`, {
        hint: 'Write it with `SHOW CREATE TABLE … FORMAT TabSeparatedRaw`, and compare it with what was written.',
      });
    }
    found.set(tableId(of), definition);
  }
  return found;
}

const LINES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

/** Unless TabSeparatedRaw is requested, a client prints a definition in one line, with `\n` for each line break. */
function withLines(text: string): string {
  if (text.trimEnd().includes('\n') || !/\\n\(\\n/.test(text)) return text;
  return text.replaceAll(/\\(.)/g, (_all, char: string) => LINES[char] ?? char);
}

/** An empty table in Native has no bytes. Compressed files must be read to find out. */
function requireRows(key: string, tables: readonly ExportedTable[]): void {
  const files = tables.flatMap((table) => table.files.map((file) => ({ file, table })));
  if (files.every(({ file }) => file.sizeBytes === 0)) throw allEmpty(key, files.length);
  for (const { file, table } of files) if (file.sizeBytes === 0) requireMayBeEmpty(key, file, table);
}

/** Nothing would be restored, and checks of rows would be meaningless. */
function requireOwnRows(key: string, tables: readonly ExportedTable[]): void {
  const [first] = tables.filter(({ files }) => files.length > 0);
  if (!first || tables.some((table) => filesToLoad(table).length > 0)) return;
  throw new DrillError(
    'format-unsupported',
    `${key} has rows only of views and of tables that store none themselves, such as ${nameOf(first)}`,
    { hint: 'Export the tables that they read from.' },
  );
}

/** For example, a file that was compressed but still exists: its rows would be loaded twice. */
function requireOnce(key: string, tables: readonly ExportedTable[]): void {
  for (const table of tables) {
    const known = new Map<string, ExportFile>();
    for (const file of table.files) {
      const other = known.get(file.stem);
      if (other) throw storedTwice(key, table, [other.name, file.name]);
      known.set(file.stem, file);
    }
  }
}

function storedTwice(key: string, table: ExportedTable, names: readonly string[]): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} has the rows of ${nameOf(table)} twice: ${names.map((name) => toPrintable(name, 120)).join(' and ')}`,
    { hint: 'Remove one of the two files, or let each export write into a new folder.' },
  );
}
