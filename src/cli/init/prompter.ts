import { createInterface, type Interface } from 'node:readline/promises';
import { DrillError } from '../../support/errors.ts';
import type { Io } from '../io.ts';
import { printable } from '../style.ts';

export interface Question {
  readonly ask: string;
  /** Shown, and used for an empty answer; undefined: an answer is required. Empty: the answer is optional. */
  readonly fallback: string | undefined;
  /** @returns the problem with an answer. */
  readonly check?: (answer: string) => string | undefined;
}

/** Asks questions on a terminal, one line at a time. */
export class Prompter implements Disposable {
  readonly #io: Io;
  #reader: Interface | undefined;
  #lines: AsyncIterator<string> | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  get canAsk(): boolean {
    return this.#io.stdin.isTTY === true;
  }

  /** Asks until the answer is valid. @throws DrillError `usage` if the input ends; the reason of the interrupt. */
  async ask({ ask, fallback, check }: Question): Promise<string> {
    const { stdout, interrupt } = this.#io;
    for (;;) {
      stdout.write(printable(`${ask}${fallback ? ` [${fallback}]` : ''}: `));
      const { value, done } = await this.#next();
      interrupt.throwIfAborted();
      if (done === true) {
        throw new DrillError('usage', 'init was canceled; nothing was written', {
          hint: 'Start again, or give the answers as flags.',
        });
      }
      const answer = value.trim() || fallback;
      const problem = answer === undefined ? 'required; there is no default' : check?.(answer);
      if (problem === undefined && answer !== undefined) return answer;
      stdout.write(printable(`  ${problem}\n`));
    }
  }

  async confirm(ask: string): Promise<boolean> {
    const check = (answer: string) => (/^(?:y|yes|n|no)$/i.test(answer) ? undefined : 'answer y or n');
    return (await this.ask({ ask: `${ask} (y/n)`, fallback: 'y', check })).toLowerCase().startsWith('y');
  }

  /** Releases the terminal. */
  [Symbol.dispose](): void {
    this.#reader?.close();
  }

  #next(): Promise<IteratorResult<string, undefined>> {
    const { stdin, interrupt } = this.#io;
    this.#reader ??= createInterface({ input: stdin, signal: interrupt });
    this.#lines ??= this.#reader[Symbol.asyncIterator]();
    return this.#lines.next();
  }
}
