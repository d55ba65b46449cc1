import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createProgram } from '../../src/cli/program.ts';
import { asDrillError, exitCodeOf, formatError } from '../../src/support/errors.ts';
import { Redactor } from '../../src/support/redact.ts';
import { createToolbox } from '../../src/wiring.ts';
import { typed } from '../cli/memory-io.ts';
import { noService } from './no-service.ts';
import { ownWords } from './own-words.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly interrupt?: AbortSignal;
  /** Input of a user, line by line; without it there is no terminal for prompts. */
  readonly typed?: readonly string[];
  /** Width of the terminal; undefined: there is none. */
  readonly columns?: number;
  /** Called with each text as it is written. */
  readonly onStdout?: (text: string) => void;
}

/** Maps public image names to the tests' own images; the only place that does. */
export const TEST_IMAGES = Object.fromEntries(
  ['postgres:15', 'postgres:17', 'postgres:18', 'mysql:9.7', 'mariadb:10.11', 'mariadb:11.8'].map((name) => [
    name,
    `firedrill-test/${name}`,
  ]),
);

/** Runs the command line in this process, with the real drivers, as `firedrill …argv` would; nothing is printed. */
export async function firedrill(argv: readonly string[], options: CliOptions): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  const redactor = new Redactor();
  const io = {
    stdout: {
      columns: options.columns,
      write: (text: string) => {
        stdout += text;
        options.onStdout?.(text);
      },
    },
    stderr: { write: (text: string) => (stderr += text) },
    stdin: options.typed ? typed(...options.typed) : Readable.from([]),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
    cwd: options.cwd,
    interrupt: options.interrupt ?? new AbortController().signal,
    service: noService,
    terminal: undefined,
  };
  try {
    const code = await createProgram(createToolbox(io, redactor)).run(argv);
    return { code, stdout, stderr: ownWords(stderr) };
  } catch (thrown) {
    const error = asDrillError(thrown);
    return { code: exitCodeOf(error), stdout, stderr: `${ownWords(stderr)}${redactor.redact(formatError(error))}\n` };
  }
}

/** A working directory for one test, removed with everything in it. */
export async function makeWorkspace(): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
