import { statfs } from 'node:fs/promises';

/** @returns what an unprivileged user may still write below this directory; undefined when it cannot be looked at. */
export async function readFreeDiskBytes(directory: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return undefined; // not there, or not ours to see: whoever asks goes without
  }
}
