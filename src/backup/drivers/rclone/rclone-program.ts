import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { rcloneEnvironment, withoutSecrets } from './rclone-environment.ts';

/** `lsjson --stat` needs 1.56. */
const OLDEST = [1, 56] as const;

const HOW_TO_GET = 'Install it: `apt install rclone`, `brew install rclone`, or https://rclone.org/install/.';

const MAX_STDERR_CHARACTERS = 8000;

/** For every call: fail instead of prompting, and give up on a host that does not answer. Firedrill retries reads itself. */
const COMMON = ['--ask-password=false', '--contimeout=30s', '--low-level-retries=3', '--retries=1', '--stats=0'];

/** One call of rclone in progress. */
export interface RcloneCall {
  /** Ends with the output, regardless of the exit code. */
  readonly stdout: Readable;
  /** How it ended. Rejects when it could not be started. */
  readonly ended: Promise<RcloneEnd>;
  stop(): void;
}

export interface RcloneEnd {
  /** undefined: killed by a signal. Source of the numbers: rclone's documentation, "Exit code". */
  readonly exitCode: number | undefined;
  /** Its stderr, without secrets. */
  readonly stderr: string;
}

/**
 * Starts rclone with these arguments, which must not contain secrets. It is killed when the signal aborts.
 * @param configFile undefined: rclone's default.
 */
export function startRclone(args: readonly string[], signal: AbortSignal, configFile?: string): RcloneCall {
  signal.throwIfAborted();
  const env = rcloneEnvironment(process.env, configFile);
  const child = spawn('rclone', [...args, ...COMMON], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => {
    child.kill('SIGKILL'); // it only reads: there is nothing to clean up
  };
  signal.addEventListener('abort', stop, { once: true });
  const ended = watch(child).finally(() => signal.removeEventListener('abort', stop));
  ended.catch(() => undefined); // whoever reads the output learns of it
  return { stdout: child.stdout, ended, stop };
}

/** Runs rclone to completion, for short output. Throws the signal's reason, or `tool-missing`. */
export async function runRclone(
  args: readonly string[],
  signal: AbortSignal,
  configFile?: string,
): Promise<RcloneEnd & { readonly stdout: string }> {
  const { stdout, ended } = startRclone(args, signal, configFile);
  const output = text(stdout).catch(() => ''); // its process failed, which `ended` explains
  const end = await ended;
  signal.throwIfAborted();
  return { ...end, stdout: await output };
}

/** @returns `rclone 1.60.1`. Throws `tool-missing` when it is not on PATH or too old. */
export async function describeRclone(signal: AbortSignal): Promise<string> {
  const { stdout, stderr } = await runRclone(['version'], signal);
  const version = /^rclone v(\d+)\.(\d+)[.\d]*/.exec(stdout);
  if (!version) {
    const said = toPrintable(stdout.split('\n', 1)[0] || stderr);
    throw new DrillError('tool-missing', `the program rclone on PATH does not report its version: ${said}`, {
      hint: HOW_TO_GET,
    });
  }
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const shown = version[0].replace(' v', ' ').replace(/\.$/, '');
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new DrillError('tool-missing', `${shown} is too old; ${OLDEST.join('.')} or later is needed`, {
      hint: HOW_TO_GET,
    });
  }
  return shown;
}

async function watch(child: ChildProcess): Promise<RcloneEnd> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-MAX_STDERR_CHARACTERS);
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const how = error.code === 'ENOENT' ? 'was not found on PATH' : `could not be started (${error.code})`;
      reject(new DrillError('tool-missing', `the program rclone ${how}`, { hint: HOW_TO_GET, cause: error }));
    });
    child.once('close', (code) =>
      resolve({ exitCode: code ?? undefined, stderr: withoutSecrets(stderr, process.env) }),
    );
  });
}
