import type { FindingKind } from '../whose-fault.ts';
import { numberOf } from './server-errors.ts';
import { withoutComments } from './sql-names.ts';

/** What decides of whose fault an error is, beside its number. */
interface Refusal {
  /** The server's words. */
  readonly message: string;
  /** The beginning of the statement, without comments. */
  readonly sql: string;
}

interface Rule {
  readonly kind: FindingKind;
  readonly numbers: readonly number[];
  /** Left out: the number says it all. */
  readonly when?: (refusal: Refusal) => boolean;
}

const DROP = /^DROP\b/i;
const HEAD_BYTES = 4096;

/**
 * What an error of the server means for a drill, first match first; what is not here is `refused`.
 * Numbers: the manuals' "Server Error Message Reference" and "MariaDB Error Codes".
 */
const RULES: readonly Rule[] = [
  // no such database, table, routine, trigger, event, view, sequence; 1396 is an account or role
  { kind: 'drop-of-missing', numbers: [1008, 1051, 1305, 1360, 1539, 4091, 4092], when: ({ sql }) => DROP.test(sql) },
  { kind: 'drop-of-missing', numbers: [1396], when: ({ sql }) => /^DROP\s+(?:USER|ROLE)\b/i.test(sql) },
  { kind: 'already-there', numbers: [1396], when: ({ sql }) => /^CREATE\s+(?:USER|ROLE)\b/i.test(sql) },
  { kind: 'already-there', numbers: [1007] },
  { kind: 'unknown-setting', numbers: [1193], when: ({ sql }) => /^SET\b/i.test(sql) },
  {
    // modes that MySQL 8.0 and MariaDB 10.x no longer have; dumps of older servers set them around each routine
    kind: 'unknown-setting',
    numbers: [1231],
    when: ({ message }) =>
      /'sql_mode' can't be set to the value of '(?:NO_AUTO_CREATE_USER|NO_[A-Z]+_OPTIONS)'/i.test(message),
  },
];

/**
 * @param error as the session threw it, with the server's number.
 * @param statement what was sent.
 */
export function classifyError(error: unknown, statement: Buffer): FindingKind {
  const number = numberOf(error);
  const candidates = RULES.filter(({ numbers }) => numbers.includes(number));
  if (candidates.length === 0) return 'refused';
  const message = String((error as { message?: unknown }).message);
  const sql = withoutComments(statement.toString('utf8', 0, HEAD_BYTES));
  return candidates.find(({ when }) => when === undefined || when({ message, sql }))?.kind ?? 'refused';
}
