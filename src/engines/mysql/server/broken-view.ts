import { DrillError } from '../../../support/errors.ts';
import type { Session } from './connect.ts';
import { missingRightError, missingRightIn } from './missing-rights.ts';
import type { MysqlServer } from './mysql-server.ts';
import { quoteText } from './quoting.ts';
import { numberOf, withoutValues } from './server-errors.ts';

/** ER_VIEW_INVALID: the same number for everything that a view may be missing. */
const INVALID_VIEW = 1356;

/**
 * Explains why a view fails: an object that it reads is missing, or its account may not read it. The server reports both with the same message, so the view's
 * definition is prepared (never run) as an account that may read everything: if that fails, something is missing.
 * @returns undefined for every other error, and if the view cannot be looked up.
 */
export async function explainBrokenView(
  error: unknown,
  server: MysqlServer,
  session: Session,
): Promise<DrillError | undefined> {
  if (numberOf(error) !== INVALID_VIEW) return undefined;
  const [, database, name] = /^View '([^.]*)\.(.*?)' references/.exec(String((error as Error).message)) ?? [];
  if (database === undefined || name === undefined) return undefined;
  try {
    const [row] = await server.adminSession.ask(
      `SELECT VIEW_DEFINITION, DEFINER, SECURITY_TYPE FROM information_schema.VIEWS
        WHERE TABLE_SCHEMA = ${quoteText(database)} AND TABLE_NAME = ${quoteText(name)}`,
    );
    const [definition, definer, security] = row ?? [];
    if (!definition || !definer) return undefined;
    const view = `${database}.${name}`;
    const missing = await refusalOf(server.adminSession, definition);
    if (missing !== undefined) return lacksObject(view, missing);
    if (security === 'INVOKER') return lacksRight(await refusalOf(session, definition));
    return await lacksDefinerRight(view, definer, server);
  } catch {
    return undefined; // the view's own error is reported then
  }
}

/** @returns the server's error for a query, without running it. */
async function refusalOf(session: Session, query: string): Promise<unknown> {
  try {
    await session.execute(`PREPARE firedrill_view FROM ${quoteText(query)}`);
    await session.execute('DEALLOCATE PREPARE firedrill_view');
    return undefined;
  } catch (error) {
    return error;
  }
}

function lacksObject(view: string, cause: unknown): DrillError {
  const words = withoutValues(String((cause as Error).message));
  return new DrillError('wrong-data', `the view ${view} does not work: ${words}`, {
    hint: 'The view needs something that the backup does not hold: dump its database and its routines as well.',
    cause,
  });
}

function lacksRight(cause: unknown): DrillError | undefined {
  const right = missingRightIn(cause);
  return right && missingRightError(right, 'check');
}

/** @param definer for example `app@%`. */
async function lacksDefinerRight(view: string, definer: string, server: MysqlServer): Promise<DrillError> {
  const at = definer.lastIndexOf('@');
  const account = { user: definer.slice(0, at), host: definer.slice(at + 1) };
  const rows = await server.adminSession.ask(
    `SELECT COUNT(*) FROM mysql.user WHERE User = ${quoteText(account.user)} AND Host = ${quoteText(account.host)}`,
  );
  if (rows[0]?.[0] === '0') {
    return new DrillError('wrong-data', `the view ${view} runs as ${definer}, an account that does not exist`, {
      hint: 'The dump itself removes the account: back up accounts and grants together with the data.',
    });
  }
  const right = { right: `SELECT (or EXECUTE) on what the view ${view} reads`, account, isReading: true };
  return missingRightError(right, server.holderOf(account));
}
