import { DrillError } from '../../../support/errors.ts';
import type { Account } from './accounts.ts';
import { numberOf } from './server-errors.ts';

/** A right that a statement lacked, in the syntax of GRANT. */
export interface MissingRight {
  /** `SELECT on mysql.user`, `EXECUTE on shop.total`, `SUPER or PROCESS`. */
  readonly right: string;
  /** The account that lacks it, if the server names it. */
  readonly account: Account | undefined;
  /** Whether it is a right to read. */
  readonly isReading: boolean;
}

/** Whose account lacks a right. */
export type Holder = 'check' | 'made-by-drill' | 'restored';

const ACCOUNT = /\buser '([^']*)'@'([^']*)'/i;
const READING = /^(?:SELECT|EXECUTE|SHOW|PROCESS|REPLICATION|USAGE)\b/i;

/**
 * Reads the missing right from an error. The patterns cover the messages of both products.
 * Source: the manuals' "Server Error Message Reference" (ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR,
 * ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_VIEW_NO_EXPLAIN, ER_PROCACCESS_DENIED_ERROR).
 * @returns undefined for every other error.
 */
export function missingRightIn(error: unknown): MissingRight | undefined {
  const message = String((error as { message?: unknown }).message);
  const right = rightIn(numberOf(error), message);
  if (right === undefined) return undefined;
  const [, user, host] = ACCOUNT.exec(message) ?? [];
  const account = user === undefined || host === undefined ? undefined : { user, host };
  return { right, account, isReading: READING.test(right) };
}

/**
 * Decides whose fault a missing right is. The check's account can read what was restored and change nothing, so a check that needs more is at fault. An account
 * from the backup lacks the right in every restore. An account that the drill created replaces one that the backup lacks.
 */
export function missingRightError({ right, account, isReading }: MissingRight, holder: Holder): DrillError {
  const who = account === undefined ? 'an account' : `${account.user}@${account.host}`;
  if (holder === 'restored') {
    return new DrillError('wrong-data', `${who}, which a view or routine of the backup runs as, lacks ${right}`, {
      hint: 'Compare its grants with production (SHOW GRANTS), and back up accounts and grants together with the data.',
    });
  }
  if (holder === 'made-by-drill') {
    return new DrillError(
      'check-malformed',
      `${who}, made for the drill because the backup has no such account, lacks ${right}`,
      {
        hint: 'Back up accounts and grants as well (mysqldump of the database mysql, or mariadb-dump --system=users), or leave that view or routine out of the check.',
      },
    );
  }
  return new DrillError('check-malformed', `the check is not allowed to do that: it needs ${right}`, {
    hint: isReading
      ? 'Checks can read only the databases in the backup: query something in them.'
      : 'Checks only read, as an account that can read the restored databases and change nothing: make it a SELECT.',
  });
}

function rightIn(number: number, message: string): string | undefined {
  if (number === 1142) return onTable(/^(.+?) command denied to user .+? for table (.+)$/s.exec(message));
  if (number === 1143) {
    const [, right, column, table] =
      /^(.+?) command denied to user .+? for column '(.*?)' in table '(.*?)'$/s.exec(message) ?? [];
    return right === undefined ? undefined : `${right.toUpperCase()} (${column}) on ${table}`;
  }
  if (number === 1370) {
    const [, right = '', routine] = /^(.+?) command denied to user .+? for routine '(.*)'$/s.exec(message) ?? [];
    return routine === undefined ? undefined : `${right.toUpperCase()} on ${routine}`;
  }
  if (number === 1227) {
    const rights = /\(at least one of\) the (.+?) privilege/s.exec(message)?.[1];
    return rights?.split(/,\s*/).join(' or ');
  }
  if (number === 1044) {
    const database = /\bto database '(.*)'$/s.exec(message)?.[1];
    return database === undefined ? undefined : `rights in the database ${database}`;
  }
  return number === 1345 ? 'SELECT and SHOW VIEW on the tables of the view' : undefined;
}

/** MySQL names only the table, `'user'`; MariaDB also its database, `` `mysql`.`user` ``. */
function onTable(match: RegExpExecArray | null): string | undefined {
  const [, rights, written] = match ?? [];
  if (rights === undefined || written === undefined) return undefined;
  return `${rights.toUpperCase()} on ${written.replaceAll(/[`']/g, '')}`;
}
