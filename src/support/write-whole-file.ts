import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file that is there whole or not at all: what was there before stays until the new one is on disk. Only its owner may read it.
 * @throws what the file system says.
 */
export async function writeWholeFile(path: string, parts: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const draft = join(dirname(path), `.firedrill-${randomBytes(6).toString('hex')}.tmp`);
  try {
    await using file = await open(draft, 'wx', 0o600);
    for await (const part of parts) await file.appendFile(part);
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  try {
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
