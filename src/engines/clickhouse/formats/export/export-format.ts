import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { readStart } from '../../../../support/read-start.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { type Definition, readDefinition } from '../parts/definition.ts';
import { isExport, readDefinitionName, readExportName } from './export-names.ts';
import { type ExportedTable, type ExportFile, OLDEST } from './exported-table.ts';
import { provisionExport } from './restore-export.ts';

const DEFINITION_BYTES = 2 ** 22;

export const exportFormat: BackupFormat = {
  recognise: (content) =>
    content.kind === 'directory' && isExport(content) ? (signal) => openExport(content, signal) : undefined,
};

async function openExport(content: DirectoryContent, signal: AbortSignal): Promise<OpenBackup> {
  const { key } = content.backup;
  const tables = collect(content, await readDefinitions(content, signal));
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
    needs: { major: OLDEST, extensions: [] },
    isLogical: true,
    databases,
    provision: (sandbox, options) => provisionExport({ content, tables }, sandbox, options),
  };
}

const idOf = (database: string, table: string): string => JSON.stringify([database, table]);

function collect(
  { members }: DirectoryContent,
  definitions: ReadonlyMap<string, Definition>,
): readonly ExportedTable[] {
  const tables = new Map<string, { database: string; table: string; files: ExportFile[] }>();
  const take = (database: string, table: string) => {
    const id = idOf(database, table);
    const known = tables.get(id) ?? { database, table, files: [] };
    tables.set(id, known);
    return known;
  };
  for (const [name, { sizeBytes }] of members) {
    const found = readExportName(name);
    if (found) take(found.database, found.table).files.push({ ...found, name, sizeBytes });
    const defined = readDefinitionName(name);
    if (defined && definitions.has(idOf(defined.database, defined.table))) take(defined.database, defined.table);
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
    found.set(idOf(of.database, of.table), definition);
  }
  return found;
}

const LINES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

/** A client that is not asked for TabSeparatedRaw prints a definition in one line, with `\n` for each that it has. */
function withLines(text: string): string {
  if (text.trimEnd().includes('\n') || !/\\n\(\\n/.test(text)) return text;
  return text.replaceAll(/\\(.)/g, (_all, char: string) => LINES[char] ?? char);
}

/** A job whose client could not log in leaves files without a byte, and so does an empty table in Native. */
function requireRows(key: string, tables: readonly ExportedTable[]): void {
  const files = tables.flatMap((table) => table.files.map((file) => ({ ...file, table })));
  if (files.every(({ sizeBytes }) => sizeBytes === 0)) {
    throw new DrillError('backup-empty', `none of the ${files.length} exported files in ${key} has a byte`, {
      hint: 'Look at the exit codes of the export: a client that cannot log in leaves empty files.',
    });
  }
  const empty = files.find(
    ({ sizeBytes, format, table }) => sizeBytes === 0 && (format === 'Parquet' || !table.definition),
  );
  if (!empty) return;
  throw new DrillError('backup-truncated', `${key}${empty.name} has no bytes, which no export of a table has`, {
    hint:
      empty.format === 'Parquet'
        ? 'Parquet has a footer also without rows: take the export again, and look at the exit code of its client.'
        : `Store its definition beside it as ${empty.name.replace(/\.native.*/, '.sql')}, so that an empty table can be told from a failed export.`,
  });
}
