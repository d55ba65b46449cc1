import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { toPrintable } from '../../../support/printable.ts';
import { explainKilled } from '../../../support/tool-killed.ts';

/**
 * A restored database is untrusted: it is read by `sqlite3` in the sandbox, and never by the SQLite of this process. `-safe` prevents access to other files,
 * and `trusted_schema` prevents functions in its schema from having side effects.
 */
const SQLITE = ['sqlite3', '-batch', '-bail', '-safe', '-cmd', 'PRAGMA trusted_schema=OFF'];

/** @returns problems that SQLite finds in a database, a line each; undefined: none. @throws DrillError `out-of-memory`. */
export async function checkIntegrity(
  sandbox: Pick<Sandbox, 'exec'>,
  path: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { exitCode, stdout, stderr } = await sandbox.exec([...SQLITE, path, 'PRAGMA integrity_check(20)'], { signal });
  if (exitCode === 0 && stdout.trim() === 'ok') return undefined;
  const killed = explainKilled('sqlite3', exitCode);
  if (killed) throw killed;
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 20)
    .map((line) => toPrintable(line, 200));
}
