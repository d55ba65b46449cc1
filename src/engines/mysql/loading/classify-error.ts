import type { LoadFinding } from '../../whose-fault.ts';
import { numberOf } from '../server/server-errors.ts';
import { withoutComments } from '../sql/sql-names.ts';
import { IMAGE_LACKS, type RefusalRule } from './image-lacks.ts';

const DROP = /^DROP\b/i;
const HEAD_BYTES = 4096;

/**
 * What a server error means for a drill; the first match wins, and errors not listed are `refused`. Numbers: the manuals' "Server Error Message Reference" and
 * "MariaDB Error Codes".
 */
const RULES: readonly RefusalRule[] = [
  ...IMAGE_LACKS,
  // no such database, table, routine, trigger, event, view, sequence; 1396 is an account or role
  { kind: 'drop-of-missing', numbers: [1008, 1051, 1305, 1360, 1539, 4091, 4092], when: ({ sql }) => DROP.test(sql) },
  { kind: 'drop-of-missing', numbers: [1396], when: ({ sql }) => /^DROP\s+(?:USER|ROLE)\b/i.test(sql) },
  { kind: 'already-there', numbers: [1396], when: ({ sql }) => /^CREATE\s+(?:USER|ROLE)\b/i.test(sql) },
  { kind: 'already-there', numbers: [1007] },
  { kind: 'drop-of-own', numbers: [3552], when: ({ sql }) => /^DROP\s+(?:DATABASE|SCHEMA)\b/i.test(sql) },
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
 * @param statement as it was sent.
 */
export function classifyError(error: unknown, statement: Buffer): Pick<LoadFinding, 'kind' | 'hint'> {
  const number = numberOf(error);
  const candidates = RULES.filter(({ numbers }) => numbers.includes(number));
  if (candidates.length === 0) return { kind: 'refused' };
  const message = String((error as { message?: unknown }).message);
  const sql = withoutComments(statement.toString('utf8', 0, HEAD_BYTES));
  const options = withoutComments(statement.toString('utf8', Math.max(HEAD_BYTES, statement.length - HEAD_BYTES)));
  const refusal = { message, sql: `${sql} ${options}` }; // a table's options come at the end of the statement
  const rule = candidates.find(({ when }) => when === undefined || when(refusal));
  return { kind: rule?.kind ?? 'refused', ...(rule?.hint === undefined ? {} : { hint: rule.hint }) };
}
