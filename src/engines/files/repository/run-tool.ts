import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { explainKilled } from '../../../support/tool-killed.ts';

export interface ToolRun {
  readonly sandbox: Pick<Sandbox, 'exec'>;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called for each line of stdout and stderr. A line longer than 1 MiB is cut. */
  readonly onLine: (line: string) => void;
  /** Working directory; default: any. */
  readonly directory?: string;
}

/** Runs a tool in the sandbox, and reads both of its outputs line by line. @returns its exit code. */
export async function runTool(argv: readonly string[], run: ToolRun): Promise<number> {
  const { sandbox, env, signal, onLine, directory } = run;
  const script = 'mkdir -p "$1" && cd "$1" && shift && exec "$@" < /dev/null';
  const { exitCode } = await sandbox.exec(
    directory === undefined ? argv : ['sh', '-c', script, 'run', directory, ...argv],
    { signal, env, stdout: new Lines(onLine), onStderrLine: onLine },
  );
  return exitCode;
}

const MAX_LINE_LENGTH = 2 ** 20;

class Lines extends Writable {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    super({ decodeStrings: true });
    this.#onLine = onLine;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
    for (const line of lines) this.#onLine(line);
    done();
  }

  override _final(done: () => void): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    done();
  }
}

/** @returns the JSON object in a line; undefined for any other. */
export function readObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** The error for an incomplete restore. @param said lines of the tool, which may contain names from the backup. */
export function unrestored(code: ErrorCode, message: string, said: readonly string[], hint: string): DrillError {
  return new DrillError(code, message, { hint, details: said.slice(-8).map((line) => toPrintable(line, 300)) });
}

/** A message with which a tool gives up, and its meaning. */
export interface ToolFault {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** Follows the description of what failed: `: the sandbox is full`. */
  readonly says: string;
  readonly hint: string;
}

export interface ToolEnd {
  /** The tool's name in messages: `Borg`. */
  readonly tool: string;
  /** What failed: `the Borg repository a/ cannot be listed`. */
  readonly fail: string;
  readonly exitCode: number;
  /** All of the tool's output. */
  readonly text: string;
  /** The lines to show to users. */
  readonly lines: readonly string[];
}

/** @param faults the first match decides; without a match it is `restore-failed` with the exit code. */
export function explainTool(faults: readonly ToolFault[], { tool, fail, exitCode, text, lines }: ToolEnd): DrillError {
  const killed = explainKilled(tool, exitCode);
  if (killed) return killed;
  const fault = faults.find(({ pattern }) => pattern.test(text));
  if (fault) return unrestored(fault.code, `${fail}${fault.says}`, lines, fault.hint);
  const message = `${fail}: ${tool} ended with exit code ${exitCode}`;
  return unrestored('restore-failed', message, lines, 'Its output is below.');
}
