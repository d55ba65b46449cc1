import { type ChildProcess, spawn } from 'node:child_process';
import { toPrintable } from '../../../support/printable.ts';
import { signalGroup } from '../../../support/process-group.ts';
import { formatDuration } from '../../../support/quantities.ts';
import type { Channel, ChannelDeps } from '../../channel.ts';
import type { Notification } from '../../notification.ts';
import { NotifyError } from '../../notify-error.ts';

export interface CommandSpec {
  readonly type: 'command';
  readonly argv: readonly [string, ...string[]];
  /** The variables of our environment passed to it; only those that are set. */
  readonly env: Readonly<Record<string, string>>;
}

const MAX_STDERR_CHARACTERS = 2000;
const SHOWN_STDERR_CHARACTERS = 500;
/** A process outside the command's process group may hold its pipe open forever, so this limits the wait for the pipe. */
const QUIET_PIPE_MS = 1000;

/**
 * Runs a command with the notification as JSON on standard input and the gist in its environment. The notification is delivered when the command exits
 * with 0. Processes that it leaves running in its process group are killed.
 */
export function createCommandChannel(spec: CommandSpec & { readonly name: string }, deps: ChannelDeps): Channel {
  return {
    name: spec.name,
    type: 'command',
    takes: () => true,
    send: (notification, signal) => runCommand(spec, notification, signal, deps),
  };
}

async function runCommand(
  spec: CommandSpec,
  notification: Notification,
  signal: AbortSignal,
  deps: ChannelDeps,
): Promise<void> {
  signal.throwIfAborted();
  const [file, ...args] = spec.argv;
  const child = spawn(file, args, {
    cwd: deps.directory,
    env: { ...spec.env, ...gistOf(notification) },
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true, // its own process group, so that the whole group can be killed
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS);
  });
  child.stdin?.on('error', () => undefined); // the command may ignore its input
  child.stdin?.end(`${JSON.stringify(notification)}\n`);
  const fail = (what: string, retryable: boolean) => {
    const tail = toPrintable(deps.redact(stderr.trim()).slice(-SHOWN_STDERR_CHARACTERS), SHOWN_STDERR_CHARACTERS);
    return new NotifyError(`${toPrintable(file)} ${what}${tail === '' ? '' : `: ${tail}`}`, { retryable });
  };
  const { exit, stoppedBy } = await watch(child, signal, deps).catch((error: NodeJS.ErrnoException) => {
    throw fail(`could not be started (${error.code ?? error.message})`, false);
  });
  if (stoppedBy === 'signal') throw signal.reason;
  if (stoppedBy === 'deadline') throw fail(`did not end within ${formatDuration(deps.commandDeadlineMs)}`, true);
  if (exit !== '0') throw fail(`ended with ${exit}`, true);
}

/** `exit`: `0`, `1`, `SIGSEGV`. */
interface Ending {
  readonly exit: string;
  readonly stoppedBy: 'deadline' | 'signal' | undefined;
}

/** Sends SIGTERM to the process group at the deadline or when the signal aborts, and SIGKILL if it does not exit. @throws the error of the spawn. */
async function watch(child: ChildProcess, signal: AbortSignal, deps: ChannelDeps): Promise<Ending> {
  let stoppedBy: Ending['stoppedBy'];
  let grace: NodeJS.Timeout | undefined;
  const stop = (why: NonNullable<Ending['stoppedBy']>) => {
    if (stoppedBy) return;
    stoppedBy = why;
    signalGroup(child, 'SIGTERM');
    grace = setTimeout(() => signalGroup(child, 'SIGKILL'), deps.killGraceMs);
  };
  const onAbort = () => stop('signal');
  const timer = setTimeout(() => stop('deadline'), deps.commandDeadlineMs);
  signal.addEventListener('abort', onAbort, { once: true });
  const closed = new Promise((resolve) => child.once('close', resolve));
  try {
    const exit = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, killedBy) => resolve(String(code ?? killedBy)));
    });
    clearTimeout(grace);
    signalGroup(child, 'SIGKILL'); // processes that it left behind would keep the pipe open
    grace = setTimeout(() => child.stderr?.destroy(), QUIET_PIPE_MS); // for a process that left the group
    await closed;
    return { exit, stoppedBy };
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  }
}

function gistOf({ id, kind, drill, state, headline }: Notification): Record<string, string> {
  return {
    FIREDRILL_NOTICE_ID: toPrintable(id),
    FIREDRILL_NOTICE_KIND: kind,
    FIREDRILL_NOTICE_DRILL: toPrintable(drill?.name ?? ''),
    FIREDRILL_NOTICE_STATE: state ?? '',
    FIREDRILL_NOTICE_HEADLINE: toPrintable(headline, 1000),
  };
}
