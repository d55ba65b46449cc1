import { randomUUID } from 'node:crypto';
import { openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Opens a file in the temporary directory that has no name from the moment it is created, so that nothing is left behind however the process ends. Throws what
 * the file system throws.
 * @returns its descriptor, for reading and writing.
 */
export function openUnnamedFile(what: string): number {
  const path = join(tmpdir(), `firedrill-${what}-${randomUUID()}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}
