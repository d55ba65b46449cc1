import type { Readable } from 'node:stream';
import { findLines } from '../../../sql-dump/find-lines.ts';
import { readPsqlCommand } from './psql-commands.ts';

const TEMPLATES: ReadonlySet<string> = new Set(['template0', 'template1']);
/** The database that every server has counts only if somebody created tables in it. */
const DEFAULT_DATABASE = 'postgres';

/** @returns the databases that a dump of pg_dumpall connects to, in its order, without those that every server has. Reads the whole dump. */
export async function databasesInCluster(stream: Readable): Promise<readonly string[]> {
  const found = new Set<string>();
  let current: string | undefined;
  for await (const line of findLines(stream, ['\\connect ', '\\c ', 'CREATE TABLE '])) {
    const command = line.startsWith('\\') ? readPsqlCommand(line) : undefined;
    if (command?.kind === 'connect') current = command.database ?? current;
    if (current === undefined || TEMPLATES.has(current)) continue;
    if (current !== DEFAULT_DATABASE || command === undefined) found.add(current);
  }
  return [...found];
}
