import type { BackupNeighbours } from '../../src/backup/neighbours.ts';
import type { DigestRow, DigestTable, TableHasher } from '../../src/engines/fingerprint.ts';

/** A hasher of these tables and digests, by name; by default it has no tables to hash. */
export function fakeHasher(
  tables: readonly (readonly [table: DigestTable, parts: readonly DigestRow[]])[] = [],
  rules = 'postgres/1',
): TableHasher {
  const parts = new Map(tables.map(([{ name }, rows]) => [name, rows]));
  return {
    rules,
    listTables: async () => tables.map(([table]) => table),
    readKeys: async () => undefined,
    digest: async (_ask, { name }) => parts.get(name) ?? [],
  };
}

/** The files next to `orders.dump`, by name. */
export function fakeNeighbours(files: Readonly<Record<string, string>> = {}): BackupNeighbours {
  return {
    name: 'orders.dump',
    read: async (name) => {
      const text = files[name];
      return text === undefined ? undefined : { key: name, content: Buffer.from(text) };
    },
  };
}
