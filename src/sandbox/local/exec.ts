import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LineSplitter, Tail } from '../exec-output.ts';
import type { ExecOptions, ExecResult } from '../sandbox.ts';
import { listProcesses, type ProcessEntry, signalProcesses, treeOf, waitForExit } from './processes.ts';

/** After a process ends, a daemon that it left may hold its pipes open. They are closed this long after the last byte. */
const QUIET_PIPE_MS = 100;
const KILL_TIMEOUT_MS = 5_000;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs one command, streaming.
 * @param options.signal must also abort when the sandbox ends; the promise then rejects with its reason, once the whole process tree has ended.
 */
export async function runCommand(
  command: Command,
  options: Pick<ExecOptions, 'stdin' | 'stdout' | 'onStderrLine' | 'signal'>,
): Promise<ExecResult> {
  options.signal.throwIfAborted();
  const child = spawn(command.file, [...command.args], {
    stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: command.env,
    detached: true, // its own process group, so that it can be signaled as one
  });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined); // the races below handle the rejection
  const abort = () => failed.reject(options.signal.reason);
  options.signal.addEventListener('abort', abort, { once: true });
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
  const stdout = new Tail();
  const stderr = new Tail();
  const flows = connectStreams(child, options, stdout, stderr, failed.reject);
  try {
    const exitCode = await Promise.race([exited, failed.promise]);
    await Promise.race([flows.drained(), failed.promise]);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    await killTree(child);
    throw error;
  } finally {
    options.signal.removeEventListener('abort', abort);
    flows.close();
  }
}

interface Flows {
  /** Resolves when all output of the process has been consumed. */
  drained(): Promise<void>;
  close(): void;
}

function connectStreams(
  child: ChildProcess,
  options: Pick<ExecOptions, 'stdin' | 'stdout' | 'onStderrLine'>,
  stdoutTail: Tail,
  stderrTail: Tail,
  fail: (error: unknown) => void,
): Flows {
  const { stdin, stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('a process without pipes'); // the spawn failed; `error` follows
  if (options.stdin && stdin) {
    const source = options.stdin;
    if (source.errored) fail(source.errored);
    // An error on either end destroys the other with the same error, so only the first matters.
    source.once('error', (error) => {
      if (!stdin.errored) fail(error);
    });
    // A process need not read all of its input; its exit code shows whether it failed.
    pipeline(source, stdin).catch(() => undefined);
  }
  const out = pipeline(stdout, options.stdout ?? tailSink(stdoutTail)).catch(fail);
  const splitter = new LineSplitter((line) => options.onStderrLine?.(line));
  const err = pipeline(
    stderr,
    tailSink(stderrTail, (chunk) => splitter.push(chunk)),
  ).then(() => splitter.end(), fail);
  let timer: NodeJS.Timeout | undefined;
  return {
    async drained() {
      const quiet = new Promise<void>((resolve) => {
        let lastBytes = -1;
        timer = setInterval(() => {
          const bytes = bytesRead(child);
          const waiting = stdout.readableLength + stderr.readableLength + (options.stdout?.writableLength ?? 0);
          if (bytes === lastBytes && waiting === 0) resolve();
          lastBytes = bytes;
        }, QUIET_PIPE_MS);
      });
      const isDaemonLeft = await Promise.race([Promise.all([out, err]).then(() => false), quiet.then(() => true)]);
      clearInterval(timer);
      if (!isDaemonLeft) return;
      stdout.push(null); // ends the stream for the consumer although the daemon holds the pipe open
      stderr.push(null);
      await Promise.all([out, err]);
    },
    close() {
      clearInterval(timer);
      for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    },
  };
}

function bytesRead({ stdout, stderr }: ChildProcess): number {
  return [stdout, stderr].reduce((sum, stream) => sum + ((stream as { bytesRead?: number } | null)?.bytesRead ?? 0), 0);
}

function tailSink(tail: Tail, onChunk: (chunk: Buffer) => void = () => undefined): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      tail.push(chunk);
      onChunk(chunk);
      done();
    },
  });
}

/** Stops the whole tree before killing it, so that nothing escapes by forking. Includes daemons whose parents are still alive. */
async function killTree(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  let tree = treeOf(pid, await listProcesses());
  for (let stopped = new Set<string>(); tree.some((entry) => !stopped.has(identify(entry))); ) {
    signalProcesses(tree, 'SIGSTOP');
    stopped = new Set(tree.map(identify));
    tree = treeOf(pid, await listProcesses());
  }
  signalProcesses(tree, 'SIGKILL');
  await waitForExit(tree, KILL_TIMEOUT_MS);
}

/** Includes the start time, because the pid may have been reused. */
function identify({ pid, startTicks }: ProcessEntry): string {
  return `${pid}:${startTicks}`;
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal ? (constants.signals[signal] ?? 0) : 0;
}
