import type { FindingKind } from '../whose-fault.ts';
import { isStorageEngine } from './storage-engines.ts';

/** A row of SHOW WARNINGS: level, number, words. */
export type WarningRow = readonly (string | null)[];

/** What of a statement's warnings matters to a restore. */
export interface WarningFinding {
  readonly kind: FindingKind;
  /** What happened, in words of ours; the server's own come after it. */
  readonly what: string;
  readonly number: number;
  readonly message: string;
  /** The column whose value came out as another one, where the words name it. */
  readonly column: string | undefined;
  /** Of the statement, from 1; undefined where the words do not say. */
  readonly row: number | undefined;
}

/** A value came out as another one: out of range, cut, not of the type, bytes that are no text, too long, NULL made something else. */
const CHANGED = new Set(['1048', '1261', '1262', '1263', '1264', '1265', '1292', '1366', '1406']);
/** Of these, those that name no column. */
const WHOLE_ROW = new Set(['1261', '1262']);
/** A row was left out by IGNORE, for what would have been an error: a foreign key, a partition, a CHECK. */
const LEFT_OUT = new Set(['1216', '1452', '1526', '1748', '3819', '4025']);
/** A row with a key that is there was left out by IGNORE. Dumps with IGNORE are made so. */
const DUPLICATE = '1062';
/** Text that is not in the character set that the dump says it is. */
const INVALID_TEXT = '1300';
/** ER_UNKNOWN_STORAGE_ENGINE, after which the server makes the table with another (1266), where NO_ENGINE_SUBSTITUTION is off. */
const OTHER_ENGINE = '1286';
/** WARN_OPTION_IGNORED: `<DATA DIRECTORY> option ignored`. */
const OPTION_IGNORED = '1618';

/**
 * What a statement's warnings say. Notes are harmless: the server says them of what it did as it was asked to, such as rounding.
 * - 1292 and the like count only where they name a column: an expression that a generated column computes may meet them as it did before.
 * - 1300 is said of any literal, those of BLOB columns included, where older dumps have bytes as they are; text columns say 1366 or 1265 besides. In
 *   a definition nothing else tells.
 * Numbers: the manuals' "Server Error Message Reference".
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
  // the rows are where the server keeps all others: nothing is lost
  if (code === OPTION_IGNORED && /DIRECTORY/.test(message)) return ['placement', 'the table is in the data directory'];
  if (CHANGED.has(code) && (column !== undefined || WHOLE_ROW.has(code)))
    return ['changed-value', 'a value was changed'];
  if (code === INVALID_TEXT && !isRows) return ['changed-value', 'text was changed'];
  if (LEFT_OUT.has(code)) return ['changed-value', 'a row was left out'];
  return code === DUPLICATE ? ['already-there', 'a row was left out, since its key is there'] : undefined;
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
