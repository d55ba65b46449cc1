import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { passedEnvironment } from '../../../support/passed-environment.ts';
import { toPrintable } from '../../../support/printable.ts';
import { signalGroup } from '../../../support/process-group.ts';
import { Redactor } from '../../../support/redact.ts';
import type { CommandSpec } from './command-spec.ts';

const MAX_STDERR_CHARACTERS = 8000;
const SHOWN_STDERR_CHARACTERS = 500;
/** A process that left the program's process group may hold its pipe open forever, so this limits the wait for the pipe. */
const QUIET_PIPE_MS = 1000;

/** One run of a program in progress. */
export interface ProgramCall {
  /** Ends with the output, regardless of the exit status. */
  readonly stdout: Readable;
  /** How it ended, once its children have ended too. Rejects with `tool-missing` when it could not be started. */
  readonly ended: Promise<ProgramEnd>;
  /** Kills it and its children. */
  stop(): void;
}

export interface ProgramEnd {
  /** The exit status, or the signal that killed it. */
  readonly exit: number | NodeJS.Signals;
  readonly wasStopped: boolean;
  /** The last part of its stderr, without secrets and safe to print. */
  readonly stderr: string;
}

/** Starts a program without a shell, in a process group of its own. It is killed with its children when the signal aborts. */
export function startProgram(
  argv: readonly string[],
  { directory, env: names }: Pick<CommandSpec, 'directory' | 'env'>,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): ProgramCall {
  signal.throwIfAborted();
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    cwd: directory,
    env: passedEnvironment(names, env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own process group, so that the whole group can be killed
  });
  let wasStopped = false;
  const stop = () => {
    if (!isRunning(child)) return;
    wasStopped = true;
    signalGroup(child, 'SIGKILL'); // it only reads: there is nothing to clean up
    child.stdout.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  const redactor = new Redactor();
  for (const name of names) redactor.add(env[name] ?? '');
  const ended = watch(child, file)
    .then(({ exit, stderr }) => ({ exit, wasStopped, stderr: lastWords(redactor.redact(stderr)) }))
    .finally(() => signal.removeEventListener('abort', stop));
  ended.catch(() => undefined); // the reader of the output gets it
  return { stdout: child.stdout, ended, stop };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function watch(child: ChildProcess, file: string): Promise<{ exit: number | NodeJS.Signals; stderr: string }> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS);
  });
  const silent = new Promise((resolve) => child.stderr?.once('close', resolve));
  const exit = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(file, error)));
    child.once('exit', (code, killedBy) => resolve(code ?? killedBy ?? 'SIGKILL'));
  });
  signalGroup(child, 'SIGKILL'); // processes that it left behind would keep the pipes open
  const quiet = setTimeout(() => child.stderr?.destroy(), QUIET_PIPE_MS);
  await silent;
  clearTimeout(quiet);
  return { exit, stderr };
}

function notStarted(file: string, error: NodeJS.ErrnoException): DrillError {
  const name = toPrintable(file);
  const how = error.code === 'ENOENT' ? 'was not found' : `could not be started (${error.code ?? error.message})`;
  return new DrillError('tool-missing', `the program ${name} of backup.source ${how}`, {
    hint: file.includes('/')
      ? 'A relative path is relative to the drill file. The file must be executable, and its first line must name an interpreter that is installed.'
      : 'Install it where Firedrill runs, or use its full path.',
    cause: error,
  });
}

/** The last part of its stderr, on one line. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return toPrintable(
    lines
      .filter((line) => line !== '')
      .join(' ')
      .slice(-SHOWN_STDERR_CHARACTERS),
    SHOWN_STDERR_CHARACTERS,
  );
}
