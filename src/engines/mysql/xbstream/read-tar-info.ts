import type { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { visitTar } from '../../recognition/visit-tar.ts';
import { isInfoFile, MAX_INFO_BYTES, packingOf, plainInfoName, readInfoText } from './backup-info.ts';
import { cutStream } from './read-stream-info.ts';
import type { StreamFile } from './stream-file.ts';

/**
 * Reads a tar of a backup's directory to the end: the small files may be anywhere in it.
 * @returns their texts, by file name without folders.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `format-unsupported` for a tar of several backups, and what reading throws.
 */
export async function readTarInfo(
  { key, open, decompress }: Pick<StreamFile, 'key' | 'open' | 'decompress'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let folder: string | undefined;
  const damage = await visitTar(await open(signal), async (entry) => {
    const name = entry.header.name.slice(entry.header.name.lastIndexOf('/') + 1);
    const plain = plainInfoName(name);
    if (/^(?:mariadb_backup|xtrabackup)_info$/.test(plain)) {
      const other = entry.header.name.slice(0, -name.length);
      if (folder !== undefined && folder !== other) throw holdsSeveral(key, [folder, other]);
      folder = other;
    }
    if (isInfoFile(plain) && (entry.header.size ?? 0) <= MAX_INFO_BYTES)
      texts.set(plain, await readInfoText(decompress(packingOf(name), entry as Readable, key)));
    return false;
  });
  if (!damage) return texts;
  signal.throwIfAborted();
  if (/unexpected end of data/i.test(damage.message))
    throw cutStream(key, 'has no end-of-archive mark: it was cut off');
  throw new DrillError('backup-corrupt', `${key} cannot be read as a tar: ${toPrintable(damage.message, 200)}`, {
    hint: 'Compare its checksum with what was written, and take a new backup.',
    cause: damage,
  });
}

function holdsSeveral(key: string, folders: readonly string[]): DrillError {
  const names = folders.map((name) => toPrintable(name.replace(/^\.\//, '') || './', 200)).join(' and ');
  return new DrillError('format-unsupported', `${key} holds several backups: ${names}`, {
    hint: 'Store each of them as a tar of its own, all under `backup.source`: increments find what they build on.',
  });
}
