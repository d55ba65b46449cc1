import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { ToolBackup, ToolTable } from './tool-metadata.ts';

/** A part of a table, in the backup of the chain that stores it. */
export interface FoundPart {
  readonly name: string;
  readonly disk: string;
  readonly backup: ToolBackup;
  readonly table: ToolTable;
}

/** The backups that hold a table's parts: an increment leaves out those that the backup it requires has. @param chain the newest first. */
export function findParts(table: ToolTable, chain: readonly ToolBackup[]): readonly FoundPart[] {
  return Object.entries(table.parts ?? {}).flatMap(([disk, parts]) =>
    (parts ?? []).map(({ name, required }) =>
      required ? findRequired(name, disk, table, chain) : { name, disk, backup: nearest(chain), table },
    ),
  );
}

function nearest([first]: readonly ToolBackup[]): ToolBackup {
  if (!first) throw new DrillError('internal', 'a chain of backups is empty');
  return first;
}

function findRequired(
  name: string,
  disk: string,
  { database, table, path }: ToolTable,
  chain: readonly ToolBackup[],
): FoundPart {
  for (const backup of chain.slice(1)) {
    const own = backup.tables.find((one) => one.path === path);
    for (const [place, parts] of Object.entries(own?.parts ?? {})) {
      const part = parts?.find((one) => one.name === name);
      if (own && part && !part.required) return { name, disk: place, backup, table: own };
    }
  }
  throw new DrillError(
    'backup-incomplete',
    `part ${toPrintable(name, 100)} (disk ${toPrintable(disk, 60)}) of ${toPrintable(`${database}.${table}`, 120)} is in an earlier backup, and none of the ${chain.length - 1} that this one requires has it`,
    { hint: 'Take a full backup, and keep what an increment requires until the increment is gone.' },
  );
}

/** Archives of a table, as `files` lists them; none of a backup that is stored as files. */
export function archivesOf({ files, path }: ToolTable): readonly string[] {
  return Object.values(files ?? {}).flatMap((names) => names.map((name) => `shadow/${path}/${name}`));
}

/**
 * Whether what holds the parts is stored. Known before there is a sandbox.
 * @throws DrillError `backup-truncated` naming the first.
 */
export function requireParts(key: string, parts: readonly FoundPart[]): void {
  const lost = new Set<string>();
  for (const { name, disk, backup, table } of parts) {
    const { members } = backup.content;
    const archives = archivesOf(table);
    const needed = archives.length > 0 ? archives : [`shadow/${table.path}/${disk}/${name}/checksums.txt`];
    for (const one of needed) if (!members.has(one)) lost.add(`${backup.content.backup.key}${one}`);
  }
  const [first, ...others] = lost;
  if (first === undefined) return;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  throw new DrillError('backup-truncated', `${key} is not whole: ${toPrintable(first, 200)} is missing${more}`, {
    details: [...lost].slice(0, 20).map((name) => toPrintable(name, 200)),
    hint: 'Compare the files with those of the store that it was copied from, and take a new backup.',
  });
}
