import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readDrills } from '../../config/load-drills.ts';
import type { Settings } from '../../config/settings.ts';
import { showPath } from '../../config/show-path.ts';
import type { Toolbox } from '../toolbox.ts';

/**
 * @param directory of drill files; absolute.
 * @returns the names that are taken there, each with the file that has it, as it can be typed: names of drills, and names of files regardless of their content.
 */
export async function takenNames(
  tools: Toolbox,
  settings: Settings,
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const { cwd } = tools.io;
  const files = await readdir(directory).catch(() => []);
  const byFile = files.flatMap((file): [string, string][] => {
    const [, name] = /^(.+)\.ya?ml$/.exec(file) ?? [];
    return name === undefined ? [] : [[name, showPath(join(directory, file), cwd)]];
  });
  const drills = byFile.length === 0 ? [] : (await readDrills([directory], tools.loadOptions(settings))).drills;
  return new Map([...byFile, ...drills.map(({ name, file }): [string, string] => [name, showPath(file, cwd)])]);
}

/** @returns the name, with a number appended if it is taken: `orders-2`. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (!isTaken(name)) return name;
  }
}
