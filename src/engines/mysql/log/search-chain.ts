import { DrillError } from '../../../support/errors.ts';
import type { BinaryLogEvent } from './event-types.ts';
import type { StoredLogFile } from './log-names.ts';
import { LogChain } from './prove-chain.ts';

/** Where the files of an archive are not one log without a hole, for a search that goes on behind each hole. */
export class SearchChain {
  readonly #newChain: () => LogChain;
  #chain: LogChain;
  #file: StoredLogFile | undefined;
  #before: StoredLogFile | undefined;
  /** What a file says of itself before its first transaction: a chain that begins with the file has to hear it. */
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

  /** To be called when it was told that a file is missing or not whole: nothing is known of what the next one follows. */
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
