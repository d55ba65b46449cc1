import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import { OLDEST_LOCAL } from '../../server/oldest-local.ts';
import { unescapeFileName } from '../file-names.ts';
import { nameOf } from '../parts/create-tables.ts';
import { noteUncopied } from '../parts/note-uncopied.ts';
import type { PartedTable } from '../parts/parted-table.ts';
import { readPartFiles } from '../parts/read-part-files.ts';
import { type PartedBackup, provisionParts } from '../parts/restore-parts.ts';
import { type FrozenFolder, isFreeze, readFrozen } from './frozen-files.ts';
import { type DefinedTable, readDefinitions } from './read-definitions.ts';

export const freezeFormat: BackupFormat = {
  recognise: (content) =>
    content.kind === 'directory' && isFreeze(content) ? (signal) => openFreeze(content, signal) : undefined,
};

/** A copy does not state which server made it; every later version can read the parts. */
const NEEDS = { major: OLDEST_LOCAL, extensions: [] };

async function openFreeze(content: DirectoryContent, signal: AbortSignal): Promise<OpenBackup> {
  const { key } = content.backup;
  const folders = readFrozen(content.members.keys());
  const tables = matchTables(key, folders, await readDefinitions(content, signal));
  const readFiles: PartedBackup['readFiles'] = (placed, given) =>
    readPartFiles(
      content,
      [...placed].flatMap(([{ parts }, folder]) => parts.map((part) => ({ part, folder }))),
      given,
    );
  const databases = [...new Set(tables.map(({ database }) => database))];
  return {
    facts: {
      engine: 'clickhouse',
      format: 'FREEZE copy',
      serverVersion: 'unknown',
      dumpedBy: 'ALTER TABLE … FREEZE',
      roles: [],
      database: databases.length === 1 ? databases[0] : undefined,
      tableCount: tables.filter(({ parts }) => parts.length > 0).length,
    },
    needs: NEEDS,
    databases,
    provision: (sandbox, options) => provisionParts({ content, tables, readFiles }, sandbox, options),
  };
}

/** @throws DrillError `backup-incomplete` for parts without a definition, `format-unsupported` for several copies of a table. */
export function matchTables(
  key: string,
  folders: readonly FrozenFolder[],
  defined: readonly DefinedTable[],
): readonly PartedTable[] {
  const byName = new Map(defined.map((table) => [table.path, table]));
  const byUuid = new Map(defined.flatMap((table) => (table.definition.uuid ? [[table.definition.uuid, table]] : [])));
  const frozen = new Map<DefinedTable, FrozenFolder>();
  const lost: string[] = [];
  for (const folder of folders) {
    const { owner } = folder;
    const table = 'uuid' in owner ? byUuid.get(owner.uuid) : byName.get(`${owner.database}/${owner.table}`);
    if (!table) {
      lost.push('uuid' in owner ? `the table with id ${owner.uuid}` : describeFolder(owner));
      continue;
    }
    const other = frozen.get(table);
    if (other) throw severalFreezes(key, table, [other.freeze, folder.freeze]);
    frozen.set(table, folder);
  }
  if (lost.length > 0) throw undefinedTables(key, lost, defined.length);
  return defined.map((table) => {
    const parts = frozen.get(table)?.parts ?? [];
    return { ...table, definition: noteUncopied(table.definition), parts };
  });
}

function describeFolder({ database, table }: { readonly database: string; readonly table: string }): string {
  return toPrintable(`${unescapeFileName(database) ?? database}.${unescapeFileName(table) ?? table}`, 120);
}

function undefinedTables(key: string, lost: readonly string[], count: number): DrillError {
  const more = lost.length > 1 ? ` (and ${lost.length - 1} more)` : '';
  return new DrillError(
    'backup-incomplete',
    `${key} has parts of ${lost[0]}${more}, but no definition of it: metadata/ holds ${count} definitions`,
    {
      details: lost.slice(0, 20),
      hint: 'FREEZE copies no definitions: copy the server’s metadata/ beside shadow/, following links (`cp -RL`), or with store/.',
    },
  );
}

function severalFreezes(key: string, table: DefinedTable, names: readonly string[]): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} holds several copies of ${nameOf({ ...table })}: ${names.map((name) => toPrintable(name, 60)).join(', ')}`,
    { hint: 'Store each freeze in a folder of its own, `FOLDER/shadow/NAME/`, with `FOLDER/metadata/`.' },
  );
}
