import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Turns a copy of a real backup into one that a replica would have written, since no Keeper is available here: changes
 * the definitions of these tables and their sizes in the list of files.
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
