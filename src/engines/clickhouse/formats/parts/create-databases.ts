import type { ClickHouseProgram } from '../../server/program.ts';
import { restoreError } from '../../server/server-errors.ts';
import { quoteName } from '../../sql/quoting.ts';

/** Creates those that do not exist yet. @throws DrillError as {@link restoreError} maps it. */
export async function createDatabases(
  program: ClickHouseProgram,
  names: Iterable<string>,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<void> {
  const sql = [...new Set(names)].map((name) => `CREATE DATABASE IF NOT EXISTS ${quoteName(name)};`);
  try {
    await program.ask(sql.join('\n'), { signal });
  } catch (error) {
    throw restoreError(error, key, 'creating the databases');
  }
}
