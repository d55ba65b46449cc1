import type { DrillError } from '../../../support/errors.ts';
import { fatalLoadError } from '../../sql-dump/load-failure.ts';
import { placeOf, type Statement } from '../../sql-dump/statement.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { isDiskFull, numberOf, withMeaning, withoutValues } from '../server/server-errors.ts';
import { withoutComments } from '../sql/sql-names.ts';
import { classifyError } from './classify-error.ts';
import { causeOfSyntaxError } from './refusal-causes.ts';

/** Deadlock; lock wait timeout: caused by parallel loading, not by the backup. */
const AGAIN = [1213, 1205];
/** ER_PARSE_ERROR. */
const SYNTAX_ERROR = 1064;

export function isWorthAnotherTry(error: unknown): boolean {
  return AGAIN.includes(numberOf(error));
}

/** @returns the error that ends the load, if the failure is more than a rejected statement. */
export async function fatalError(
  server: MysqlServer,
  error: unknown,
  signal: AbortSignal,
): Promise<DrillError | undefined> {
  server.missingNames.note(error);
  const cause = await server.explainLoss(error, signal);
  const message = withoutValues(cause instanceof Error ? cause.message : String(cause));
  return fatalLoadError({ cause, message, isDiskFull: isDiskFull(cause), isRefusal: numberOf(cause) !== 0 }, signal);
}

/** Meaning of a rejected statement for the drill, as one human-readable line. */
export function findingOf(error: unknown, statement: Statement): LoadFinding {
  const cause = numberOf(error) === SYNTAX_ERROR ? causeOfSyntaxError(statement.bytes) : undefined;
  if (cause) return { kind: cause.kind, text: `${placeOf(statement)}: ${cause.words}` };
  return { ...classifyError(error, statement.bytes), text: statementError(error, statement) };
}

/** Hint for a statement that is longer than any server accepts. */
export const OVERSIZED_HINT = 'Look at the dump around that line: it may have lost a quote or a delimiter.';

/** One human-readable line: the location, the error, and the statement without row data. */
export function statementError(error: unknown, statement: Statement): string {
  const { sqlState, message } = error as { sqlState?: unknown; message?: unknown };
  const state = typeof sqlState === 'string' && sqlState !== '' ? ` (${sqlState})` : '';
  const number = numberOf(error);
  const why = EXPLANATIONS.find(([numbers]) => numbers.includes(number))?.[1] ?? '';
  return `${placeOf(statement)}: ERROR ${number}${state}: ${withMeaning(withoutValues(String(message)))}${why} (${excerptOf(statement.bytes)})`;
}

/** Shows definitions in full; of statements that may contain values, only their kind and table. */
export function excerptOf(bytes: Buffer): string {
  const text = withoutComments(bytes.toString('utf8', 0, 1000)).replaceAll(/\s+/g, ' ');
  const isDefinition = /^(?:CREATE(?! USER)|ALTER(?! USER)|DROP|RENAME|TRUNCATE|USE|LOCK|UNLOCK)\b/i.test(text);
  const shown = isDefinition
    ? text.slice(0, 120)
    : (/^(?:INSERT|REPLACE)\b[^(]*?(?=\s*\(|\s+VALUES?\b)/i.exec(text)?.[0] ?? /^\w+(?: @?\w+)?/.exec(text)?.[0] ?? '');
  return `${shown.slice(0, 120)}${bytes.length > shown.length ? ' …' : ''}`;
}

/** Explanations of errors whose message does not say what they mean for a drill. Numbers: MySQL manual, "Server Error Message Reference". */
const EXPLANATIONS: readonly (readonly [numbers: readonly number[], why: string])[] = [
  [[1273], '; this server lacks the collation: drill it on the version that the dump comes from'],
  [[1115], '; this server lacks the character set: drill it on the version that the dump comes from'],
  [[1286], '; this server lacks the storage engine: name an image that has it in `engine.image`'],
  [[1193], '; this server has no such setting: the dump comes from another product or a newer version'],
  [[1290, 3948, 1148], '; a drill reads no files, on the server or the client'],
];
