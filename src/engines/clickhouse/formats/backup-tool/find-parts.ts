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

/** Finds the backups that contain a table's parts: an increment omits those that are in the backup it requires. @param chain the newest first. */
export function findParts(table: ToolTable, chain: readonly ToolBackup[]): readonly FoundPart[] {
  const [own, ...bases] = chain;
  if (!own) throw new DrillError('internal', 'a chain of backups is empty');
  const listed = Object.entries(table.parts ?? {}).flatMap(([disk, parts]) =>
    (parts ?? []).map((part) => ({ ...part, disk })),
  );
  const stored = listed.some(({ required }) => required) ? storedIn(bases, table) : new Map<string, FoundPart>();
  return listed.map(({ name, disk, required }) => {
    const found = required ? stored.get(name) : { name, disk, backup: own, table };
    if (!found) throw lacksPart(name, disk, table, bases.length);
    return found;
  });
}

/** The parts of a table that backups store themselves, by name: of those with the same name, the newest backup's. */
function storedIn(bases: readonly ToolBackup[], { path }: ToolTable): ReadonlyMap<string, FoundPart> {
  const found = new Map<string, FoundPart>();
  for (const backup of bases) {
    const table = backup.byPath.get(path);
    if (!table) continue;
    for (const [disk, parts] of Object.entries(table.parts ?? {}))
      for (const { name, required } of parts ?? [])
        if (!required && !found.has(name)) found.set(name, { name, disk, backup, table });
  }
  return found;
}

function lacksPart(name: string, disk: string, { database, table }: ToolTable, bases: number): DrillError {
  return new DrillError(
    'backup-incomplete',
    `part ${toPrintable(name, 100)} (disk ${toPrintable(disk, 60)}) of ${toPrintable(`${database}.${table}`, 120)} is in an earlier backup, and none of the ${bases} that this one requires has it`,
    { hint: 'Take a full backup, and keep every backup that an increment requires until the increment has expired.' },
  );
}

/**
 * Checks that the files or archives with the parts are stored, before a sandbox exists.
 * @throws DrillError `backup-truncated` naming the first missing one.
 */
export function requireParts(key: string, parts: readonly FoundPart[]): void {
  const lost = new Set<string>();
  const looked = new Set<ToolTable>();
  for (const { name, disk, backup, table } of parts) {
    if (looked.has(table)) continue;
    const inFiles = table.archives.length === 0;
    if (!inFiles) looked.add(table);
    const needed = inFiles ? [`shadow/${table.path}/${disk}/${name}/checksums.txt`] : table.archives;
    for (const one of needed) if (!backup.content.members.has(one)) lost.add(`${backup.content.backup.key}${one}`);
  }
  const [first, ...others] = lost;
  if (first === undefined) return;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  throw new DrillError('backup-truncated', `${key} is incomplete: ${toPrintable(first, 200)} is missing${more}`, {
    details: [...lost].slice(0, 20).map((name) => toPrintable(name, 200)),
    hint: 'Compare the files with the original, and take a new backup.',
  });
}
