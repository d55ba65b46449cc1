import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import type { ChosenStop, StopChooser } from './choose-outcome.ts';
import { markOf, type TransactionMark } from './event-found.ts';
import { formatMicros, formatPosition } from './event-text.ts';
import type { BinaryLogEvent } from './event-types.ts';
import { type LogTransaction, nameTransaction } from './transaction.ts';

/**
 * Stops before the first transaction of the log that committed after an instant. If the log records only seconds, a transaction that committed in the same
 * second as the instant is replayed.
 */
export class InstantChooser implements StopChooser {
  readonly #at: Date;
  readonly #takenAt: Date | undefined;
  #last: TransactionMark | undefined;
  #first: TransactionMark | undefined;
  #left = 0;
  #newest: { readonly seconds: number; readonly file: string; readonly end: number } | undefined;

  constructor(at: Date, takenAt: Date | undefined) {
    this.#at = at;
    this.#takenAt = takenAt;
  }

  take(transaction: LogTransaction): void {
    if (!this.#first && transaction.committedAtMicros > this.#at.getTime() * 1000) this.#first = markOf(transaction);
    if (!this.#first) this.#last = markOf(transaction);
    else if (transaction.outcome === 'committed') this.#left += 1;
  }

  noteEvent({ seconds, end }: BinaryLogEvent, file: string): void {
    this.#newest = { seconds: Math.max(seconds, this.#newest?.seconds ?? 0), file, end };
  }

  choose(): ChosenStop {
    const [at, first, last, newest] = [this.#at, this.#first, this.#last, this.#newest];
    if (this.#takenAt && at < this.#takenAt) {
      throw new DrillError(
        'target-not-reached',
        `the target, ${formatExactInstant(at)}, is before the backup, which was taken ${formatExactInstant(this.#takenAt)}`,
        { hint: 'Recover from an older backup: name it with `--backup`.' },
      );
    }
    const found = [describeSides(last, first)];
    if (first) {
      return { stop: { file: first.file, position: first.at }, last, first, commitsLeft: this.#left, found };
    }
    if (!newest || at.getTime() > newest.seconds * 1000 + 999) {
      const end = newest
        ? ` ${formatExactInstant(new Date(newest.seconds * 1000))}, with ${newest.file}`
        : ' without an event';
      throw new DrillError(
        'target-not-reached',
        `the target, ${formatExactInstant(at)}, is later than the log, which ends${end}`,
        {
          hint: 'Use an earlier instant, or `latest`; and check that the log is still archived.',
        },
      );
    }
    return { stop: { file: newest.file, position: newest.end }, last, first: undefined, commitsLeft: 0, found };
  }
}

/** `stops after 0-1-22 (2026-11-27T03:09:59Z), before 0-1-23 (2026-11-27T03:10:02Z) at binlog.000003:10504`. */
function describeSides(last: TransactionMark | undefined, first: TransactionMark | undefined): string {
  const describe = (mark: TransactionMark) => `${nameTransaction(mark)} (${formatMicros(mark)})`;
  const after = last ? `after ${describe(last)}` : 'after no transaction of the log';
  return first
    ? `stops ${after}, before ${describe(first)} at ${formatPosition(first)}`
    : `stops ${after}, the last of the log`;
}

/** Beyond this many transactions, only every second, every fourth, … is retained. */
const MAX_KEPT = 200_000;

/** Stops before a random transaction, drawn by commit time. It is never the first one after the backup, so something is always replayed. */
export class RandomChooser implements StopChooser {
  readonly #notBefore: Date;
  readonly #share: number;
  #kept: { readonly mark: TransactionMark; readonly last: TransactionMark; readonly commitsBefore: number }[] = [];
  #stride = 1;
  #seen = 0;
  #commits = 0;
  #last: TransactionMark | undefined;

  constructor({ notBefore, share }: { readonly notBefore: Date; readonly share: number }) {
    this.#notBefore = notBefore;
    this.#share = share;
  }

  take(transaction: LogTransaction): void {
    const mark = markOf(transaction);
    const isRecent = transaction.committedAtMicros >= this.#notBefore.getTime() * 1000;
    if (isRecent && this.#last) {
      if (this.#seen % this.#stride === 0) this.#kept.push({ mark, last: this.#last, commitsBefore: this.#commits });
      this.#seen += 1;
    }
    if (this.#kept.length >= MAX_KEPT) {
      this.#kept = this.#kept.filter((_, index) => index % 2 === 0);
      this.#stride *= 2;
    }
    this.#last = mark;
    if (transaction.outcome === 'committed') this.#commits += 1;
  }

  choose(): ChosenStop {
    const [first, last] = [this.#kept[0], this.#kept.at(-1)];
    if (!first || !last) {
      throw new DrillError(
        'target-not-reached',
        'no two transactions committed within that time and since the backup',
        {
          hint: 'Use a longer time, or an older backup (`select: random 7d`); and check that the log is still archived.',
        },
      );
    }
    const [from, until] = [first.mark.committedAtMicros, last.mark.committedAtMicros];
    const drawn = from + this.#share * (until - from + 1);
    const chosen = until > from ? this.#kept.find(({ mark }) => mark.committedAtMicros >= drawn) : this.#byNumber();
    const { mark, last: before, commitsBefore } = chosen ?? last;
    return {
      stop: { file: mark.file, position: mark.at },
      last: before,
      first: mark,
      commitsLeft: this.#commits - commitsBefore,
      found: [describeSides(before, mark)],
    };
  }

  /** Used if all of them committed in the same second. */
  #byNumber() {
    return this.#kept[Math.min(this.#kept.length - 1, Math.floor(this.#share * this.#kept.length))];
  }
}
