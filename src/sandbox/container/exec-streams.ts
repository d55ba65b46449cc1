import type { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { piecesOf } from '../../support/stream-pieces.ts';
import { LineSplitter, Tail } from '../exec-output.ts';
import type { ExecOptions } from '../sandbox.ts';

/** Pipes stdin into the exec with back pressure, then closes its stdin. Ends early, without an error, when the reader has closed. */
export async function feed(stream: Duplex, stdin: Readable | undefined, signal: AbortSignal): Promise<void> {
  if (stdin) {
    for await (const chunk of piecesOf(stdin)) {
      if (signal.aborted || !stream.writable) return;
      if (!stream.write(chunk)) await drained(stream, signal);
    }
  }
  if (stream.writable) stream.end();
}

/** Output of an exec. The first line of stderr is the process id, see `ANNOUNCE_PID`. */
export class ExecOutput {
  /** undefined if the output ended before the pid arrived. */
  readonly pid: Promise<number | undefined>;
  private readonly foundPid: (pid: number | undefined) => void;
  private readonly stdoutTail = new Tail();
  private readonly stderrTail = new Tail();
  private readonly lines: LineSplitter;
  private readonly stdout: Writable | undefined;
  private draining: Promise<void> | undefined;
  private readonly signal: AbortSignal;
  private firstLine: string | undefined = '';

  /** @param signal aborted when the exec has failed; no output is passed on after that. */
  constructor(options: Pick<ExecOptions, 'stdout' | 'onStderrLine'>, signal: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    this.pid = promise;
    this.foundPid = resolve;
    this.stdout = options.stdout;
    this.signal = signal;
    this.lines = new LineSplitter(options.onStderrLine ?? (() => undefined));
  }

  takeStdout(piece: Buffer): Promise<void> | undefined {
    if (this.signal.aborted) return undefined;
    if (this.stdout) return this.stdout.write(piece) ? undefined : this.untilDrained(this.stdout);
    this.stdoutTail.push(piece);
    return undefined;
  }

  /** Waits once for all pieces of a chunk, since many small ones may arrive together. */
  private untilDrained(stdout: Writable): Promise<void> {
    this.draining ??= drained(stdout, this.signal).finally(() => {
      this.draining = undefined;
    });
    return this.draining;
  }

  takeStderr(piece: Buffer): undefined {
    const rest = this.firstLine === undefined ? piece : this.takePid(piece);
    if (rest.length === 0 || this.signal.aborted) return;
    this.stderrTail.push(rest);
    this.lines.push(rest);
  }

  /** Call after the last piece: resolves a pending `pid` as undefined. */
  noMorePid(): void {
    this.foundPid(undefined);
  }

  /** Call after the last piece: ends the caller's stdout stream, and waits until it has consumed everything. */
  async end(): Promise<void> {
    this.lines.end();
    if (!this.stdout) return;
    this.stdout.end();
    await finished(this.stdout, { readable: false });
  }

  kept(): { stdout: string; stderr: string } {
    return { stdout: this.stdoutTail.text(), stderr: this.stderrTail.text() };
  }

  private takePid(piece: Buffer): Buffer {
    const lineEnd = piece.indexOf('\n');
    this.firstLine += piece.toString('latin1', 0, lineEnd < 0 ? piece.length : lineEnd);
    if (lineEnd < 0) return Buffer.alloc(0);
    const pid = Number(this.firstLine);
    this.firstLine = undefined;
    this.foundPid(Number.isInteger(pid) && pid > 1 ? pid : undefined);
    return piece.subarray(lineEnd + 1);
  }
}

/** Resolves when the stream accepts more, and also when it never will again; the next write then reports the error. */
async function drained(stream: Writable, signal: AbortSignal): Promise<void> {
  if (signal.aborted || stream.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onDone = () => resolve();
  for (const event of ['drain', 'close', 'error']) stream.on(event, onDone);
  signal.addEventListener('abort', onDone, { once: true });
  await promise;
  for (const event of ['drain', 'close', 'error']) stream.off(event, onDone);
  signal.removeEventListener('abort', onDone);
}
