import { type ChildProcess, spawn } from 'node:child_process';
import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { signalGroup } from '../../support/process-group.ts';

const MAX_STDERR_CHARACTERS = 8000;
/** A process that left Chromium's group may hold its pipe open forever, so this limits the wait for the pipe. */
const QUIET_PIPE_MS = 1000;
export const PDF_HINT = 'Use --format html and print it from a browser, or set FIREDRILL_CHROMIUM to another Chromium.';

/**
 * Replaces itself with the program, next to a reader of a pipe that only we hold open: when we exit, even if killed, it kills the group. The arguments are
 * never part of the script.
 */
const UNTIL_WE_END = 'exec 3<&0 </dev/null; { read -r _ <&3; kill -KILL 0; } 2>/dev/null & exec "$@" 3<&-';

export interface ChromiumLimits {
  /** Its working directory, home and temporary directory. */
  readonly directory: string;
  readonly path: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs Chromium until it exits, in its own process group, which is killed when the signal aborts, when the time is up and when this process is killed. No
 * process is left behind.
 * @throws the signal's reason; DrillError `pdf-failed` when it does not exit in time, or not with 0.
 */
export async function runChromium(program: string, argv: readonly string[], limits: ChromiumLimits): Promise<void> {
  const { directory, path, timeoutMs, signal } = limits;
  signal?.throwIfAborted();
  const env = {
    PATH: path ?? '',
    HOME: directory,
    TMPDIR: directory,
    XDG_CONFIG_HOME: directory,
    XDG_CACHE_HOME: directory,
    LANG: 'C.UTF-8',
  };
  const child = spawn('/bin/sh', ['-c', UNTIL_WE_END, 'firedrill', program, ...argv], {
    cwd: directory,
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const kill = () => signalGroup(child, 'SIGKILL');
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    kill();
  }, timeoutMs);
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const { exit, last } = await watch(child);
    if (exit === 0) return;
    signal?.throwIfAborted();
    const how = typeof exit === 'number' ? `ended with ${exit}` : `was ended by ${exit}`;
    const message = isLate ? `did not print within ${timeoutMs / 1000} s` : `${how}${last === '' ? '' : `: ${last}`}`;
    throw new DrillError('pdf-failed', `Chromium ${message}`, { hint: PDF_HINT });
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', kill);
  }
}

/** @returns its exit status or the signal that ended it, and the last line of its output. */
async function watch(child: ChildProcess): Promise<{ exit: number | NodeJS.Signals; last: string }> {
  const { stderr: pipe } = child;
  let stderr = '';
  pipe?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS);
  });
  let quiet: NodeJS.Timeout | undefined;
  const exit = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(error)));
    child.once('exit', () => {
      signalGroup(child, 'SIGKILL'); // processes that it left behind would keep the pipe open
      quiet = setTimeout(() => pipe?.destroy(), QUIET_PIPE_MS);
    });
    child.once('close', (code, killedBy) => resolve(code ?? killedBy ?? 'SIGKILL'));
  });
  clearTimeout(quiet);
  return { exit, last: toPrintable(stderr.trim().split('\n').at(-1) ?? '', 300) };
}

function notStarted(error: NodeJS.ErrnoException): DrillError {
  return new DrillError('pdf-failed', `Chromium could not be started (${error.code ?? error.message})`, {
    hint: PDF_HINT,
    cause: error,
  });
}
