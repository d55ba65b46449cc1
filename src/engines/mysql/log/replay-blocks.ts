import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../support/free-up-space.ts';

/** In bytes: how much is held in memory; the rest goes to a file in the sandbox. */
const HELD_BYTES = 16 * 2 ** 20;

interface Spilled {
  readonly path: string;
  readonly input: PassThrough;
  readonly written: Promise<unknown>;
  /** Set once `written` is settled. */
  ended?: { readonly failure: unknown };
}

/** Blocks of a file that are needed only after all of them have arrived. Memory use is bounded, whatever their size. */
export class HeldBlocks {
  private readonly sandbox: Pick<Sandbox, 'exec' | 'paths'>;
  private readonly signal: AbortSignal;
  private readonly mostBytes: number;
  private readonly blocks: Buffer[] = [];
  private size = 0;
  private spilled: Spilled | undefined;

  constructor(sandbox: Pick<Sandbox, 'exec' | 'paths'>, signal: AbortSignal, mostBytes = HELD_BYTES) {
    this.sandbox = sandbox;
    this.signal = signal;
    this.mostBytes = mostBytes;
  }

  /** @throws DrillError `disk-full`, `server-failed`. */
  async add(block: Buffer): Promise<void> {
    if (!this.spilled && this.size + block.length <= this.mostBytes) {
      this.blocks.push(Buffer.from(block));
      this.size += block.length;
      return;
    }
    this.spilled ??= this.spill();
    const { spilled } = this;
    requireWriter(spilled);
    if (spilled.input.write(Buffer.from(block))) return;
    await this.room(spilled);
    this.signal.throwIfAborted();
    requireWriter(spilled);
  }

  /** Waits until the file accepts more, or never will. The process that writes it reports what broke its input. */
  private async room({ input, written }: Spilled): Promise<void> {
    const waited = new AbortController();
    const signal = AbortSignal.any([this.signal, waited.signal]);
    const drained = once(input, 'drain', { signal }).catch(() => (signal.aborted ? undefined : written));
    await Promise.race([drained, written]);
    waited.abort();
  }

  /** Yields all blocks, in order. To be read once. @throws DrillError `disk-full`, `server-failed`. */
  async *read(): AsyncGenerator<Buffer> {
    yield* this.blocks;
    if (!this.spilled) return;
    const { path, input, written } = this.spilled;
    input.end();
    const failure = await written;
    if (failure !== undefined) throw failure;
    const stdout = new PassThrough();
    const left = new AbortController();
    const signal = AbortSignal.any([this.signal, left.signal]);
    const reading = this.sandbox.exec(['cat', path], { stdout, signal }).then(
      ({ exitCode, stderr }) => (exitCode === 0 ? undefined : failed(stderr)),
      (error: unknown) => {
        stdout.destroy();
        return error;
      },
    );
    try {
      for await (const chunk of stdout as AsyncIterable<Buffer>) yield chunk;
      const cause = await reading;
      if (cause !== undefined) throw cause;
    } finally {
      left.abort();
      await reading;
    }
  }

  /** Releases memory and file. */
  async drop(): Promise<void> {
    this.blocks.length = 0;
    const { spilled } = this;
    this.spilled = undefined;
    if (!spilled) return;
    spilled.input.end();
    await spilled.written;
    await this.sandbox.exec(['rm', '-f', spilled.path], { signal: this.signal });
  }

  private spill(): Spilled {
    const path = `${this.sandbox.paths.scratch}/load-${randomBytes(6).toString('hex')}`;
    const input = new PassThrough().on('error', () => undefined); // `written` tells why
    const argv = ['sh', '-c', 'umask 077; exec cat > "$1"', 'sh', path];
    const written = this.sandbox
      .exec(argv, { stdin: input, signal: this.signal })
      .then(
        ({ exitCode, stderr }) => (exitCode === 0 ? undefined : failed(stderr)),
        (error: unknown) => error,
      )
      .then((failure) => {
        spilled.ended = { failure };
        return failure;
      });
    const spilled: Spilled = { path, input, written };
    return spilled;
  }
}

/** @throws DrillError if the process that writes the file has ended. */
function requireWriter({ ended }: Spilled): void {
  if (ended) throw ended.failure ?? failed('');
}

function failed(stderr: string): DrillError {
  if (/no space left/i.test(stderr)) {
    return new DrillError('disk-full', 'the sandbox is full: the rows of a LOAD DATA in the log do not fit', {
      hint: FREE_UP_SPACE,
    });
  }
  return new DrillError('server-failed', 'the rows of a LOAD DATA in the log cannot be kept in the sandbox');
}
