import type { Readable } from 'node:stream';
import { findLines } from '../../../sql-dump/find-lines.ts';
import { SYSTEM_DATABASES } from '../../server/system-databases.ts';
import { classify } from '../../sql/statement-kind.ts';

/** @returns the databases that a multi-database dump creates or uses, in its order, without the server's own. Reads the whole dump. */
export async function databasesInDump(stream: Readable): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const line of findLines(stream, ['CREATE DATABASE ', 'USE '])) {
    const kind = classify(line.replace(/;\s*$/, ''));
    if (kind.kind !== 'use' && kind.kind !== 'createDatabase') continue;
    if (!SYSTEM_DATABASES.has(kind.database.toLowerCase())) found.add(kind.database);
  }
  return [...found];
}
