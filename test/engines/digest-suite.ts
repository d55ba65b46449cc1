import { expect } from 'vitest';
import type { Ask, DigestRow, TableHasher } from '../../src/engines/fingerprint.ts';

/** A server with the table to digest. */
export interface DigestSubject {
  readonly hasher: TableHasher;
  readonly ask: Ask;
  /** Runs statements in the session of `ask`. */
  readonly run: (...statements: string[]) => Promise<void>;
}

export async function digestOf({ hasher, ask }: DigestSubject, name: string): Promise<readonly DigestRow[]> {
  const table = [...(await hasher.listTables(ask)), ...(hasher.listOthers?.() ?? [])].find(
    (each) => each.name === name,
  );
  if (!table) throw new Error(`no table ${name}`);
  return hasher.digest(ask, table, undefined);
}

/** Expects the table's digest to show each change; each is rolled back afterwards. */
export async function expectEachCaught(
  subject: DigestSubject,
  name: string,
  changes: Readonly<Record<string, string>>,
): Promise<void> {
  const before = await digestOf(subject, name);
  const missed: string[] = [];
  for (const [change, sql] of Object.entries(changes)) {
    await subject.run('BEGIN', sql);
    const [after] = await digestOf(subject, name);
    await subject.run('ROLLBACK');
    if (after?.hash === before[0]?.hash) missed.push(change);
  }
  expect(missed).toEqual([]);
  expect(await digestOf(subject, name)).toEqual(before);
}
