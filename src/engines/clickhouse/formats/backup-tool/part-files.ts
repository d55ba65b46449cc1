/** For each folder of a part, with a trailing `/`: its files by their names inside it, and in the backup. */
export type PartFiles = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Indexes in one pass: a large server has millions of files, and tens of thousands of parts. @param names of the backup's files. */
export function indexPartFiles(names: Iterable<string>): PartFiles {
  const parts = new Map<string, Map<string, string>>();
  for (const name of names) {
    const [, folder = '', file = ''] = FILE.exec(name) ?? [];
    if (folder === '') continue;
    const files = parts.get(folder) ?? new Map<string, string>();
    parts.set(folder, files.set(file, name));
  }
  return parts;
}

/** `shadow/DB/TABLE/DISK/PART/FILE`, where the file may be in a folder of its own. */
const FILE = /^(shadow(?:\/[^/]+){4}\/)(.+)$/s;
