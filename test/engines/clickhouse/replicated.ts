import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a copy of a real backup that a replica would have written: no Keeper is to be had here. The definitions of these tables say so, and the list of files has
 * their sizes.
 */
export async function asReplica(path: string, from: string, to: string, tables: readonly string[]): Promise<void> {
  await cp(join(path, from), join(path, to), { recursive: true });
  let list = await readFile(join(path, to, '.backup'), 'utf8');
  for (const table of tables) {
    const file = `metadata/shop/${table}.sql`;
    const text = await readFile(join(path, to, file), 'utf8');
    const replicated = text.replace(
      /ENGINE = (\w*MergeTree)/,
      "ENGINE = Replicated$1('/clickhouse/tables/{uuid}/{shard}', '{replica}')",
    );
    await writeFile(join(path, to, file), replicated);
    list = list.replace(
      `<name>${file}</name><size>${Buffer.byteLength(text)}<`,
      `<name>${file}</name><size>${Buffer.byteLength(replicated)}<`,
    );
  }
  await writeFile(join(path, to, '.backup'), list);
}
