import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ownWords } from './own-words.ts';

const BIN = fileURLToPath(new URL('../../bin/firedrill.mjs', import.meta.url));

/** A line of `--json`, as an external reader parses it. */
export type JsonEvent = { readonly type: string; readonly runId?: string } & Readonly<Record<string, unknown>>;

export interface CliEnd {
  /** 128 + the signal's number does not occur: a process ended by a signal has no code. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly JsonEvent[];
}

export interface CliProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves with the first line of stdout that matches, past or future; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** This many of them, in order. */
  lines(pattern: RegExp, count: number): Promise<readonly RegExpExecArray[]>;
  /** The same for events of `--json`. */
  event(matches: (event: JsonEvent) => boolean): Promise<JsonEvent>;
  stageStarted(stage: string): Promise<JsonEvent>;
  /** Resolves when stderr contains the text. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<CliEnd>;
}

/**
 * Starts the real command line as a separate process; disposing it kills it with SIGKILL if the test has not ended it.
 * @param options `via`: a program with arguments that becomes the command line, such as `nsenter`.
 */
export function spawnCli(
  argv: readonly string[],
  options: { cwd: string; env?: Record<string, string>; via?: readonly string[] },
): CliProcess {
  const env = { PATH: process.env['PATH'] ?? '', HOME: options.cwd, ...options.env };
  const [program = process.execPath, ...args] = [...(options.via ?? []), process.execPath, BIN, ...argv];
  const child = spawn(program, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stderr = '';
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of [...watchers]) watcher();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
    look();
  });
  const ended = new Promise<CliEnd>((resolve) => {
    child.once('close', (code, signal) => {
      const own = ownWords(stderr);
      resolve({
        code,
        signal,
        stdout: lines.map((line) => `${line}\n`).join(''),
        stderr: own,
        events: parseEvents(lines),
      });
    });
  });
  const seen = <T>(find: () => T | undefined, what: string): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const watcher = () => {
      const found = find();
      if (found === undefined) return;
      watchers.delete(watcher);
      resolve(found);
    };
    watchers.add(watcher);
    watcher();
    void ended.then(({ code, stdout }) => reject(new Error(`ended with ${code} before ${what}:\n${stdout}${stderr}`)));
    return promise;
  };
  const event = (matches: (event: JsonEvent) => boolean) =>
    seen(() => parseEvents(lines).find(matches), `event ${String(matches)}`);
  const matches = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
  return {
    child,
    line: (pattern) => seen(() => matches(pattern)[0], String(pattern)),
    lines: (pattern, count) =>
      seen(() => {
        const found = matches(pattern);
        return found.length >= count ? found : undefined;
      }, `${count} times ${pattern}`),
    event,
    stageStarted: (stage) => event((each) => each.type === 'stage-started' && each['stage'] === stage),
    said: (text) => seen(() => (stderr.includes(text) ? true : undefined), text).then(() => undefined),
    kill: (signal) => void child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A killed process may have written half a line. */
function parseEvents(lines: readonly string[]): JsonEvent[] {
  return lines.filter((line) => /^\{.*\}$/.test(line)).map((line) => JSON.parse(line) as JsonEvent);
}
