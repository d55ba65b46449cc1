import { statfs } from 'node:fs/promises';

/** @returns the bytes that an unprivileged user can still write below this directory; undefined if that cannot be determined. */
export async function readFreeDiskBytes(directory: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return undefined; // missing, or not readable by us
  }
}
