import { findMessageLine } from '../../recognition/tool-messages.ts';
import type { FindingKind } from '../../whose-fault.ts';

/** Why text that the server could not parse is not SQL. */
export interface RefusalCause {
  readonly kind: FindingKind;
  /** Follows the statement's location in a message. */
  readonly words: string;
}

const LOOKED_AT_BYTES = 65_536;
const NESTED_HEADERS = ['\n-- MySQL dump ', '\n-- MariaDB dump ', '\n/*M!999999\\-', '\n-- phpMyAdmin SQL Dump'];
/** Inside a statement, which may contain quoted rows, only such lines count as messages: they begin with the dump tool's own name. */
const TOOL_LINE = /^(?:\/[\w./-]+\/)?(?:mysqldump|mariadb-dump|mysqlpump)(?:\.exe)?: [^\r\n]*/m;

/** @returns why a statement is not SQL; undefined if its text does not show why. */
export function causeOfSyntaxError(statement: Buffer): RefusalCause | undefined {
  if (NESTED_HEADERS.some((header) => statement.includes(header)))
    return {
      kind: 'missing-part',
      words: 'another dump starts in the middle of this statement, so the one before was cut short',
    };
  const quoted = messageIn(statement);
  if (quoted === undefined) return undefined;
  return {
    kind: 'tool-error-in-dump',
    words: `a message of a program is in the dump: ${quoted}; send stderr to a log with 2> instead of 2>&1`,
  };
}

/** @returns a program's message in text that is not a statement, quoted. */
export function messageIn(statement: Buffer): string | undefined {
  const text = statement.toString('latin1', 0, LOOKED_AT_BYTES);
  const tail = statement.toString('latin1', Math.max(0, statement.length - LOOKED_AT_BYTES));
  const line = TOOL_LINE.exec(text)?.[0] ?? TOOL_LINE.exec(tail)?.[0] ?? text.trimStart().split('\n', 1)[0] ?? '';
  return findMessageLine(line);
}
