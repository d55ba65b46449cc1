import type { RestoredFiles } from '../../../engines/restored-files.ts';
import { DrillError } from '../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../support/free-up-space.ts';
import { toPrintable } from '../../../support/printable.ts';
import { explainKilled } from '../../../support/tool-killed.ts';
import type { CheckContext } from '../../check-kind.ts';
import { describeExpectation, evaluate } from '../../evaluate.ts';
import { BoundedOutput } from '../command/bounded-output.ts';
import type { SqliteSpec } from './files-spec.ts';
import type { Observation } from './observation.ts';
import { NULL_TEXT, readSqliteRows } from './sqlite-rows.ts';

/**
 * A restored database is hostile, so it is read by `sqlite3` in the sandbox, never by this process's own SQLite. `-safe` keeps it away from all other files,
 * and `query_only` prevents changes. It is not opened read-only, because SQLite then could not roll back what was in progress when the file was copied.
 */
const SHELL = [
  'sqlite3',
  '-batch',
  '-bail',
  '-safe',
  '-cmd',
  'PRAGMA trusted_schema=OFF',
  '-cmd',
  'PRAGMA query_only=ON',
];

/** @param file path of the database, which must be a regular file. */
export async function checkSqlite(
  { sql, expect, integrity }: SqliteSpec,
  file: string,
  context: Pick<CheckContext, 'takenAt' | 'signal'> & { readonly files: Pick<RestoredFiles, 'run'> },
): Promise<Observation[]> {
  const shown = toPrintable(file, 80);
  const found: Observation[] = [];
  if (integrity) {
    const { text, failure } = await runSqlite([], file, 'PRAGMA integrity_check(20)', context);
    const isSound = failure === undefined && text.trim() === 'ok';
    const [first = 'no answer'] = (failure ?? text).trim().split('\n');
    found.push({ passed: isSound, actual: isSound ? `${shown} is sound` : `${shown}: ${toPrintable(first, 160)}` });
  }
  if (sql === undefined || expect === undefined) return found;
  const { text, failure } = await runSqlite(['-ascii', '-header', '-nullvalue', NULL_TEXT], file, sql, context);
  if (failure !== undefined) return [...found, { passed: false, actual: `${shown}: ${toPrintable(failure, 200)}` }];
  const { passed, actual } = evaluate(expect, readSqliteRows(text), context);
  return [
    ...found,
    { passed, actual: `${shown}: ${actual}${passed ? '' : ` (expected ${describeExpectation(expect, context)})`}` },
  ];
}

async function runSqlite(
  options: readonly string[],
  file: string,
  sql: string,
  { files, signal }: { readonly files: Pick<RestoredFiles, 'run'>; readonly signal: AbortSignal },
): Promise<{ readonly text: string; readonly failure?: string }> {
  const stdout = new BoundedOutput();
  const argv = [...SHELL, ...options, `./${file}`, sql];
  const { exitCode, stderr } = await files.run(argv, { stdout, signal });
  const said = stderr.trim().split('\n').at(0) ?? '';
  if (exitCode === 0) return { text: stdout.text() };
  const killed = explainKilled('sqlite3', exitCode);
  if (killed) throw killed;
  if (/(?:database or disk is|disk) full|No space left/i.test(said)) {
    throw new DrillError('disk-full', `sqlite3 has no space left in the sandbox: ${toPrintable(said, 200)}`, {
      hint: FREE_UP_SPACE,
    });
  }
  if (exitCode === 126 || exitCode === 127) {
    throw new DrillError('tool-missing', 'the sandbox lacks `sqlite3`', {
      hint: 'Set `engine.image` to an image that has it (Debian’s package is sqlite3).',
    });
  }
  if (/safe mode|readonly database|syntax error|incomplete input|unrecognized token/i.test(said)) {
    throw new DrillError('check-malformed', `sqlite3 does not run the query of the check: ${toPrintable(said, 200)}`, {
      hint: 'Write one query that only reads.',
    });
  }
  return { text: stdout.text(), failure: said === '' ? `sqlite3 ended with exit code ${exitCode}` : said };
}
