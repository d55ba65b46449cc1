import type { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { formatCount } from '../../../../support/quantities.ts';
import { findToolMessage, saysDumpFailed } from '../../../recognition/tool-messages.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { excerptOf } from '../../loading/statement-errors.ts';
import type { DumpCompletion } from './dump-completion.ts';
import { readPsqlCommand } from './psql-commands.ts';
import type { SqlItem } from './sql-splitter.ts';

const QUOTED_BYTES = 160;
const MESSAGE_BYTES = 1000;
const MAX_QUOTES = 3;
/** Text in a dump's file that is not part of the dump: program messages, text before and after, unterminated statements. */
export class OutsideText {
  /** The last message of a program, quoted. */
  lastMessage: string | undefined;
  private readonly errors: LoadErrors;
  private readonly completion: DumpCompletion;
  private toldAfterEnd = 0;
  private hasReportedZeros = false;

  constructor(errors: LoadErrors, completion: DumpCompletion) {
    this.errors = errors;
    this.completion = completion;
  }

  /** Records findings about an item. @returns the error that ends the load. */
  note(item: SqlItem): DrillError | undefined {
    if (item.kind === 'meta')
      return this.completion.isAfterEnd ? this.noteMetaAfterEnd(item.text, item.line) : undefined;
    if (
      item.kind !== 'statement' &&
      item.kind !== 'copy' &&
      item.kind !== 'fragment' &&
      item.kind !== 'zeros' &&
      item.kind !== 'unfinished'
    )
      return undefined;
    const text = 'bytes' in item ? item.bytes : undefined;
    if (this.completion.isAfterEnd && text && saysDumpFailed(text.toString('latin1', 0, MESSAGE_BYTES)))
      return this.noteFailure(quote(text), item.line);
    if (this.completion.isAfterEnd) return this.noteAfterEnd(text ? quote(text) : describe(item), item.line);
    const message = text && messageIn(text);
    if (message !== undefined) return this.noteMessage(message, item.line);
    if (item.kind === 'zeros') return this.noteZeros(item.line);
    if (item.kind !== 'fragment') return undefined;
    const what = this.completion.hasHeader ? excerptOf(item.bytes) : quote(item.bytes);
    return this.errors.report({
      kind: 'refused',
      text: `line ${formatCount(item.line)}: what begins here has no semicolon at its end, so no server takes it: ${what}`,
    });
  }

  /** Whether a statement is a program's message, which is then recorded. */
  isMessage(bytes: Buffer): boolean {
    return messageIn(bytes) !== undefined;
  }

  private noteMessage(message: string, line: number): DrillError | undefined {
    this.lastMessage = message;
    return this.errors.report({
      kind: 'tool-error-in-dump',
      text: `line ${formatCount(line)}: the dump holds a message of the program that wrote it: ${message}. Keep standard error out of the file (2>&1 mixes it in), and fix what it reports`,
    });
  }

  /** A job that dumps several databases into one file failed at one after the first. */
  private noteFailure(message: string, line: number): DrillError | undefined {
    this.lastMessage = message;
    return this.errors.report({
      kind: 'tool-error-in-dump',
      text: `line ${formatCount(line)}: after a whole dump the file says that another one failed: ${message}`,
    });
  }

  private noteMetaAfterEnd(text: string, line: number): DrillError | undefined {
    const { kind } = readPsqlCommand(text);
    return kind === 'stray' ? this.noteAfterEnd(quote(Buffer.from(text)), line) : undefined;
  }

  private noteAfterEnd(what: string, line: number): DrillError | undefined {
    this.toldAfterEnd += 1;
    if (this.toldAfterEnd > MAX_QUOTES) return undefined;
    return this.errors.report({
      kind: 'text-after-end',
      text: `line ${formatCount(line)}: after the dump’s last line the file continues with ${what}`,
    });
  }

  private noteZeros(line: number): DrillError | undefined {
    if (this.hasReportedZeros) return undefined;
    this.hasReportedZeros = true;
    return this.errors.report({ kind: 'refused', text: `line ${formatCount(line)}: zero bytes instead of SQL` });
  }
}

function messageIn(bytes: Buffer): string | undefined {
  return findToolMessage(bytes.toString('latin1', 0, MESSAGE_BYTES))?.quoted;
}

function describe(item: SqlItem): string {
  return item.kind === 'zeros' ? 'zero bytes' : 'text that has no end';
}

/** The first line, quoted; only for text that cannot be a row. */
function quote(bytes: Buffer): string {
  const [line = ''] = bytes.toString('utf8', 0, QUOTED_BYTES).split(/[\r\n]/);
  return `"${toPrintable(line)}"`;
}
