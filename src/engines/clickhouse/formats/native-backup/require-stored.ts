import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { type Manifest, readManifest } from './read-manifest.ts';

const NAMED = 10;

/** @throws DrillError `backup-truncated`, `backup-corrupt`, `version-unsupported`, and what the source throws. */
export async function openManifest(content: DirectoryContent, signal: AbortSignal): Promise<Manifest> {
  return readManifest(content.backup.key, await content.streamUnwrapped('.backup', signal));
}

/** A server that started on an empty path has none to back up. @throws DrillError `backup-empty`. */
export function requireTables(key: string, { tables }: Manifest): void {
  if (tables.length > 0) return;
  throw new DrillError('backup-empty', `${key} is complete, and lists only the server’s own tables`, {
    hint: 'Check which server the backup job connects to, and whether its tables are there.',
  });
}

/**
 * Checks that every file that the backup lists is stored, with its size, before a sandbox exists.
 * @throws DrillError `backup-truncated` naming the first files.
 */
export function requireStored({ backup, members }: DirectoryContent, { stored }: Manifest): void {
  const flaws: string[] = [];
  let count = 0;
  for (const [name, sizeBytes] of stored) {
    const member = members.get(name);
    const actual = member?.exactBytes ?? (member && member.sizeBytes === sizeBytes ? sizeBytes : undefined);
    if (member && (actual === undefined || actual === sizeBytes)) continue;
    count += 1;
    if (flaws.length === NAMED) continue;
    flaws.push(`${toPrintable(name, 200)}: ${member ? `${actual} of ${sizeBytes} bytes` : 'missing'}`);
  }
  if (count === 0) return;
  throw new DrillError(
    'backup-truncated',
    `${backup.key} is incomplete: of ${stored.size} files that its .backup lists, ${count} ${count === 1 ? 'is' : 'are'} missing or of another size; the first is ${flaws[0]}`,
    {
      details: flaws,
      hint: 'Compare the files with the original, and take a new backup.',
    },
  );
}
