import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A backup in memory: one file, or the members of a directory under one name (`nightly/toc.dat`). */
export type BackupFiles = ReadonlyMap<string, Buffer>;

export async function writeFiles(directory: string, files: BackupFiles): Promise<void> {
  for (const [name, bytes] of files) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { mode: 0o644 });
  }
}

/** @returns every file below `directory`, by its path relative to it. */
export async function readFiles(directory: string): Promise<BackupFiles> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(directory.length + 1), await readFile(path));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns the pattern with which a drill finds this backup: the file's name, or the directory's with a slash. */
export function matchOf(files: BackupFiles): string {
  const [first = ''] = files.keys();
  const slash = first.indexOf('/');
  return slash === -1 ? first : first.slice(0, slash + 1);
}
