import { formatCount } from '../../support/quantities.ts';
import type { StatementSpool } from './statement-spool.ts';

/** A statement of a backup, and its location. */
export interface Statement {
  readonly bytes: Buffer;
  readonly line: number;
  /** The directory member; undefined for a single file. */
  readonly file?: string;
  /** For a long statement: all of it, while the bytes are only the beginning. */
  readonly spool?: StatementSpool;
}

export function placeOf({ file, line }: Pick<Statement, 'file' | 'line'>): string {
  return `${file === undefined ? '' : `${file} `}line ${formatCount(line)}`;
}
