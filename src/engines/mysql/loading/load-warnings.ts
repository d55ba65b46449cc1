import type { FindingKind } from '../../whose-fault.ts';
import { isStorageEngine } from './storage-engines.ts';

/** A row of SHOW WARNINGS: level, number, message. */
export type WarningRow = readonly (string | null)[];

/** A warning that matters to a restore. */
export interface WarningFinding {
  readonly kind: FindingKind;
  /** What happened, in our own words; the server's message follows. */
  readonly what: string;
  readonly number: number;
  readonly message: string;
  /** The column whose value was changed, if the message names it. */
  readonly column: string | undefined;
  /** Row number in the statement, from 1; undefined if the message has none. */
  readonly row: number | undefined;
}

/** A value was changed: out of range, truncated, of the wrong type, bytes that are not text, too long, NULL converted. */
const CHANGED = new Set(['1048', '1261', '1262', '1263', '1264', '1265', '1292', '1366', '1406']);
/** Those among them that name no column. */
const WHOLE_ROW = new Set(['1261', '1262']);
/** IGNORE skipped a row that would have caused an error: a foreign key, a partition, a CHECK. */
const LEFT_OUT = new Set(['1216', '1452', '1526', '1748', '3819', '4025']);
/** IGNORE skipped a row whose key already exists. Dumps with IGNORE rely on that. */
const DUPLICATE = '1062';
/** Text that is invalid in the character set that the dump declares. */
const INVALID_TEXT = '1300';
/** ER_UNKNOWN_STORAGE_ENGINE; with NO_ENGINE_SUBSTITUTION off, the server then creates the table with another engine (1266). */
const OTHER_ENGINE = '1286';
/** WARN_OPTION_IGNORED: `<DATA DIRECTORY> option ignored`. */
const OPTION_IGNORED = '1618';

/**
 * Reads the warnings of a statement. Notes are harmless: the server uses them for things done as requested, such as rounding.
 * - 1292 and the like count only if they name a column: the expression of a generated column may cause them, as it did on the dumped server.
 * - 1300 is raised for any literal, including those of BLOB columns, which older dumps write as raw bytes; text columns raise 1366 or 1265 as well. In a
 * definition, 1300 is the only warning. Numbers: the manuals' "Server Error Message Reference".
 */
export function readWarnings(rows: readonly WarningRow[], isRows: boolean): readonly WarningFinding[] {
  const found: WarningFinding[] = [];
  for (const [level, code, words] of rows) {
    if (level === 'Note') continue;
    const message = words ?? '';
    const column = columnIn(message);
    const [kind, what] = meaningOf({ code: code ?? '', message, column }, isRows) ?? [];
    if (kind === undefined || what === undefined) continue;
    const row = /\bat row (\d+)/.exec(message)?.[1];
    found.push({ kind, what, number: Number(code), message, column, row: row === undefined ? undefined : Number(row) });
  }
  return found;
}

function meaningOf(
  { code, message, column }: { code: string; message: string; column: string | undefined },
  isRows: boolean,
): readonly [FindingKind, string] | undefined {
  if (code === OTHER_ENGINE) return isStorageEngine(nameIn(message)) ? ['storage-engine-missing', ''] : ['refused', ''];
  // the rows are stored in the server's own data directory: nothing is lost
  if (code === OPTION_IGNORED && /DIRECTORY/.test(message)) return ['placement', 'the table is in the data directory'];
  if (CHANGED.has(code) && (column !== undefined || WHOLE_ROW.has(code)))
    return ['changed-value', 'a value was changed'];
  if (code === INVALID_TEXT && !isRows) return ['changed-value', 'text was changed'];
  if (LEFT_OUT.has(code)) return ['changed-value', 'a row was left out'];
  return code === DUPLICATE ? ['already-there', 'a row was left out, since its key already exists'] : undefined;
}

/** `Unknown storage engine 'FEDERATED'`. */
export function nameIn(message: string): string {
  return /'([^']*)'/.exec(message)?.[1] ?? '';
}

/** `… for column 'a' at row 2`, `` … for column `shop`.`t`.`a` at row 2 ``, `Column 'a' cannot be null`. */
function columnIn(message: string): string | undefined {
  const written =
    /\bfor column (?:'([^']+)'|((?:`[^`]*`\.){0,2}`[^`]*`))/i.exec(message) ?? /^Column '([^']+)'/i.exec(message);
  const name = written?.[1] ?? written?.[2];
  return name?.split('.').at(-1)?.replaceAll('`', '');
}
