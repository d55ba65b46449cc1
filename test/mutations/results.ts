import { readFile, writeFile } from 'node:fs/promises';
import type { Ruling } from './try-mutations.ts';

const FILE = new URL('./results.json', import.meta.url);

/** By server and sample (`Postgres 18, sakila`), by damage, by kind of check. */
export type StoredResults = Record<string, Readonly<Record<string, Readonly<Record<string, Ruling>>>>>;

export async function readResults(): Promise<StoredResults> {
  return JSON.parse(await readFile(FILE, 'utf8')) as StoredResults;
}

/** One line per damage, so that diffs show a change. */
export async function writeResults(results: StoredResults): Promise<void> {
  const places = Object.entries(results)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([where, damages]) => {
      const lines = Object.entries(damages).map(
        ([title, rulings]) => `    ${JSON.stringify(title)}: ${JSON.stringify(rulings)}`,
      );
      return `  ${JSON.stringify(where)}: {\n${lines.join(',\n')}\n  }`;
    });
  await writeFile(FILE, `{\n${places.join(',\n')}\n}\n`);
}
