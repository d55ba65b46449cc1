import { PassThrough, type Readable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { noService } from '../support/no-service.ts';

/** An environment without a terminal that records its output. */
export function memoryIo(cwd: string, input?: Readable): Io & { out(): string; err(): string } {
  let out = '';
  let err = '';
  return {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: input ?? PassThrough.from([]),
    env: {},
    cwd,
    interrupt: new AbortController().signal,
    service: noService,
    terminal: undefined,
    out: () => out,
    err: () => err,
  };
}

/** Input of a user on a terminal, line by line. */
export function typed(...lines: string[]): Readable & { readonly isTTY: boolean } {
  const stream = new PassThrough();
  stream.end(lines.map((line) => `${line}\n`).join(''));
  return Object.assign(stream, { isTTY: true });
}
