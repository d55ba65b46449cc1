import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { ChosenStop, StopChooser } from './choose-outcome.ts';
import { markOf, type TransactionMark } from './event-found.ts';
import { formatPosition } from './event-text.ts';
import type { BinaryLogEvent } from './event-types.ts';
import { type LogStop, type LogTransaction, nameTransaction } from './transaction.ts';

/** Stops after a transaction, or before it. */
export class GtidChooser implements StopChooser {
  readonly #gtid: string;
  readonly #isExclusive: boolean;
  readonly #holds: (gtid: string) => boolean;
  #wanted: TransactionMark | undefined;
  #before: TransactionMark | undefined;
  #after: TransactionMark | undefined;
  #newest: TransactionMark | undefined;
  /** Number of committed transactions, counted from the wanted one. */
  #left = 0;

  /** @param isExclusive stops before it. @param holds whether the backup already contains a transaction. */
  constructor(gtid: string, isExclusive: boolean, holds: (gtid: string) => boolean = () => false) {
    this.#gtid = gtid;
    this.#isExclusive = isExclusive;
    this.#holds = holds;
  }

  take(transaction: LogTransaction): void {
    const mark = markOf(transaction);
    if (this.#wanted) this.#after ??= mark;
    else if (transaction.gtid?.toLowerCase() === this.#gtid.toLowerCase()) this.#wanted = mark;
    else this.#before = mark;
    if (this.#wanted && transaction.outcome === 'committed') this.#left += 1;
    this.#newest = mark;
  }

  choose(): ChosenStop {
    const wanted = this.#wanted;
    if (!wanted) throw this.#notFound();
    if (this.#isExclusive) {
      const stop = { file: wanted.file, position: wanted.at };
      return { stop, last: this.#before, first: wanted, commitsLeft: this.#left, found: [] };
    }
    const stop = { file: wanted.file, position: wanted.end };
    return { stop, last: wanted, first: this.#after, commitsLeft: Math.max(0, this.#left - 1), found: [] };
  }

  #notFound(): DrillError {
    if (this.#holds(this.#gtid)) {
      return new DrillError('target-not-reached', `the backup already holds the transaction ${this.#gtid}`, {
        hint: 'Recover to the end of the backup (`--to backup-end`), or from an older backup: name it with `--backup`.',
      });
    }
    const end = this.#newest ? `, which ends with ${nameTransaction(this.#newest)}` : ', which is empty';
    return new DrillError(
      'target-not-reached',
      `the transaction ${this.#gtid} is not in the log since the backup${end}`,
      {
        hint: 'Check the GTID; an earlier transaction needs an older backup (`--backup`), a later one a newer log.',
      },
    );
  }
}

/** Stops at a position between two transactions. */
export class PositionChooser implements StopChooser {
  readonly #file: string;
  readonly #position: number;
  readonly #from: LogStop | undefined;
  #last: TransactionMark | undefined;
  #first: TransactionMark | undefined;
  #left = 0;
  #hasFile = false;
  #hasPassed = false;
  /** Where the file ends, and with it the log. */
  #fileEnd = 0;
  #newest: { readonly file: string; readonly end: number } | undefined;

  /** @param position `binlog.000012:4711`. @param from where the replay begins. */
  constructor(position: string, from: LogStop | undefined) {
    this.#from = from;
    const colon = position.lastIndexOf(':');
    this.#file = position.slice(0, colon);
    this.#position = Number(position.slice(colon + 1));
  }

  noteEvent({ end }: BinaryLogEvent, file: string): void {
    this.#newest = { file, end };
    if (file === this.#file) {
      this.#hasFile = true;
      this.#fileEnd = end;
    } else if (this.#hasFile) this.#hasPassed = true;
  }

  take(transaction: LogTransaction): void {
    const { file, at, outcome } = transaction;
    const isLeft = this.#first !== undefined || (file === this.#file ? at >= this.#position : this.#hasPassed);
    if (!isLeft) this.#last = markOf(transaction);
    else {
      this.#first ??= markOf(transaction);
      if (outcome === 'committed') this.#left += 1;
    }
  }

  choose(): ChosenStop {
    const [file, position, last] = [this.#file, this.#position, this.#last];
    const wanted = `${toPrintable(file)}:${position}`;
    const from = this.#from;
    if (from?.file === file && position < from.position) {
      throw new DrillError(
        'target-not-reached',
        `the position ${wanted} is before the backup, which is at ${formatPosition({ file, at: from.position })}`,
        {
          hint: 'Recover from an older backup: name it with `--backup`.',
        },
      );
    }
    if (!this.#hasFile || position > this.#fileEnd) {
      const end = this.#newest
        ? `, which ends at ${formatPosition({ file: this.#newest.file, at: this.#newest.end })}`
        : '';
      throw new DrillError('target-not-reached', `the position ${wanted} is not in the log since the backup${end}`, {
        hint: 'Check the name of the file; an earlier position needs an older backup (`--backup`), a later one a newer log.',
      });
    }
    if (last?.file === file && last.end > position) {
      throw new DrillError(
        'target-not-reached',
        `the position ${wanted} is within the transaction ${nameTransaction(last)}, from ${last.at} to ${last.end}`,
        {
          hint: `Stop before it (\`--to position=${file}:${last.at}\`), or after it (\`--to position=${file}:${last.end}\`).`,
        },
      );
    }
    return { stop: { file, position }, last, first: this.#first, commitsLeft: this.#left, found: [] };
  }
}
