import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file completely or not at all: the previous content stays until the new file is on disk. Only its owner can read it.
 * @throws the error of the file system.
 */
export async function writeWholeFile(
  path: string,
  parts: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
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
