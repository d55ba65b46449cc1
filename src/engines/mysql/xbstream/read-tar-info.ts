import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ObjectContent } from '../../../backup/content.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { visitTar } from '../../recognition/visit-tar.ts';
import { isInfoFile, MAX_INFO_BYTES, packingOf, plainInfoName } from './backup-info.ts';
import { cutStream } from './read-stream-info.ts';

/**
 * Reads a tar of a backup's directory to its end: the small files may be anywhere in it.
 * @returns their texts, by their names without folders.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, and what reading throws.
 */
export async function readTarInfo(content: ObjectContent, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { key } = content.backup;
  const texts = new Map<string, string>();
  const damage = await visitTar(content.stream(signal), async (entry) => {
    const name = entry.header.name.slice(entry.header.name.lastIndexOf('/') + 1);
    const plain = plainInfoName(name);
    if (isInfoFile(plain) && (entry.header.size ?? 0) <= MAX_INFO_BYTES)
      texts.set(plain, await text(content.decompress(packingOf(name), entry as Readable, key)));
    return false;
  });
  if (!damage) return texts;
  signal.throwIfAborted();
  if (/unexpected end of data/i.test(damage.message))
    throw cutStream(key, 'does not end as a tar ends: it was cut off');
  throw new DrillError('backup-corrupt', `${key} cannot be read as a tar: ${toPrintable(damage.message, 200)}`, {
    hint: 'Compare its checksum with what was written, and take a new backup.',
    cause: damage,
  });
}
