import { readdir } from 'node:fs/promises';

/** @returns the names of drill files in a directory, without their ending; none where it is not there. */
export async function takenNames(directory: string): Promise<ReadonlySet<string>> {
  const files = await readdir(directory).catch(() => []);
  return new Set(files.flatMap((file) => /^(.+)\.ya?ml$/.exec(file)?.[1] ?? []));
}

/** @returns the name, with a number behind it where it is taken: `orders-2`. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (!isTaken(name)) return name;
  }
}
