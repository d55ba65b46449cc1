import { DrillError } from '../../../support/errors.ts';
import type { BinaryLogEvent } from './event-types.ts';
import type { StoredLogFile } from './log-names.ts';
import { LogChain } from './prove-chain.ts';

/** Finds where the files of an archive do not form one log without a gap, for a search that continues after each gap. */
export class SearchChain {
  readonly #newChain: () => LogChain;
  #chain: LogChain;
  #file: StoredLogFile | undefined;
  #before: StoredLogFile | undefined;
  /** Events of a file before its first transaction, which a chain that begins with the file needs. */
  #heads: BinaryLogEvent[] = [];
  /** One sentence each. */
  readonly holes: string[] = [];

  constructor(description: string, product: 'mysql' | 'mariadb') {
    this.#newChain = () => new LogChain(description, product);
    this.#chain = this.#newChain();
  }

  /** To be called before a file's first event. */
  begin(file: StoredLogFile): void {
    this.#before = this.#file;
    this.#file = file;
    this.#heads = [];
    if (!this.#holds(() => this.#chain.begin(file))) this.#beginHere();
  }

  /** @throws DrillError `engine-mismatch` for a file of another product. */
  note(event: BinaryLogEvent): void {
    const isHead = event.type === 'format' || event.type === 'previous-gtids';
    if (isHead) this.#heads.push(event);
    if (this.#holds(() => this.#chain.note(event, this.#before)) || event.type === 'incident') return;
    this.#beginHere();
    if (!isHead) this.#chain.note(event, undefined);
  }

  /** To be called once a missing or incomplete file has been reported: it is unknown what the next one follows. */
  forget(): void {
    this.#file = undefined;
    this.#chain = this.#newChain();
  }

  #holds(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (!(error instanceof DrillError) || error.code !== 'log-incomplete') throw error;
      this.holes.push(error.message);
      return false;
    }
  }

  #beginHere(): void {
    this.#chain = this.#newChain();
    this.#before = undefined;
    if (this.#file) this.#chain.begin(this.#file);
    for (const head of this.#heads) this.#chain.note(head, undefined);
  }
}
