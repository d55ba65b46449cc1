import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { ANNOUNCE_PID, killTreeArgv } from '../container/container-processes.ts';
import { ExecOutput, feed } from '../container/exec-streams.ts';
import type { ExecOptions, ExecResult } from '../sandbox.ts';
import { demux } from './demux.ts';
import { type Abortable, answerDeadline, ask } from './engine.ts';

/** Timeout for operations that take milliseconds unless the engine hangs. */
const ENGINE_TIMEOUT_MS = 10_000;

/** The parts of a sandbox that an exec needs. */
export interface ExecTarget {
  readonly container: Dockerode.Container;
  /** Resolves with the exit code when the engine reports the end of the exec. */
  exitOf(execId: string): Promise<number>;
  /** Aborted when the sandbox is gone or being removed. Its processes end with it, and the engine may leave requests about them unanswered. */
  readonly over: AbortSignal;
}

export interface ExecRequest extends ExecOptions {
  /** `uid:gid`, or a name that the sandbox knows. */
  readonly user: string;
}

/**
 * Runs a command in a sandbox, streaming. A missing command gives exit code 127, as in a shell.
 * Throws the signal's reason, the error of the stdin or stdout stream, or a DrillError; by then the process and its children have been killed.
 */
export async function execInContainer(
  target: ExecTarget,
  argv: readonly string[],
  request: ExecRequest,
): Promise<ExecResult> {
  request.signal.throwIfAborted();
  const failure = new AbortController();
  const fail = (error: unknown) => failure.abort(error);
  const onAbort = () => fail(request.signal.reason);
  const exec = await createExec(target.container, [...ANNOUNCE_PID, ...argv], request);
  const stream = await startExec(exec, target.over);
  const output = new ExecOutput(request, failure.signal);
  request.signal.addEventListener('abort', onAbort, { once: true });
  if (request.signal.aborted) onAbort();
  request.stdout?.once('error', fail);
  try {
    feed(stream, request.stdin, failure.signal).catch(fail);
    const reading = demux(
      stream,
      (piece) => output.takeStdout(piece),
      (piece) => output.takeStderr(piece),
    ).finally(() => output.noMorePid());
    const broken = await untilAborted(reading, failure.signal);
    const exitCode = await untilAborted(exitCodeOf(target, exec, broken), failure.signal);
    await untilAborted(output.end(), failure.signal);
    return { exitCode, ...output.kept() };
  } catch (error) {
    fail(error);
    await endProcess(target, output, request.user);
    request.stdout?.destroy(); // without the error, which is thrown below: the stream may have no error listener
    throw failure.signal.reason;
  } finally {
    request.signal.removeEventListener('abort', onAbort);
    request.stdout?.off('error', fail);
    request.stdin?.destroy();
    stream.destroy();
  }
}

/** Starts a command and hands its streams to the caller; it ends when its stdin does. */
export async function startTunnelExec(target: ExecTarget, argv: readonly string[], user: string): Promise<Duplex> {
  const signal = answerDeadline(ENGINE_TIMEOUT_MS, 'creating a command');
  return startExec(await createExec(target.container, argv, { user, signal }), target.over);
}

/** Creates the exec without starting it, so an abort here leaves nothing behind. */
async function createExec(container: Dockerode.Container, argv: readonly string[], request: ExecRequest) {
  const options: Dockerode.ExecCreateOptions = {
    Cmd: [...argv],
    User: request.user,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Env: Object.entries(request.env ?? {}).map(([name, value]) => `${name}=${value}`),
  };
  return ask((more) => container.exec({ ...more, ...options }), request.signal, 'creating a command');
}

/** Ignores the caller's abort: the process may already have started, and would not be killed. */
async function startExec(exec: Dockerode.Exec, over: AbortSignal): Promise<Duplex> {
  const deadline = AbortSignal.any([over, answerDeadline(ENGINE_TIMEOUT_MS, 'starting a command')]);
  const start = (more: Abortable) => exec.start({ ...more, hijack: true, stdin: true });
  const stream = await ask(start, deadline, 'starting a command');
  stream.on('error', () => undefined); // the reader reports it; this only keeps it from being unhandled
  return stream;
}

async function exitCodeOf(target: ExecTarget, exec: Dockerode.Exec, broken: Error | undefined): Promise<number> {
  const deadline = answerDeadline(ENGINE_TIMEOUT_MS, 'asking for an exit code');
  const state = await ask((options) => exec.inspect(options), deadline, 'asking for an exit code');
  if (!state.Running && state.ExitCode !== null) return state.ExitCode;
  if (broken) {
    throw new DrillError('engine-unreachable', `the connection to a command in the sandbox broke: ${broken.message}`, {
      hint: 'See the engine’s log and the network between here and the engine.',
      cause: broken,
    });
  }
  return target.exitOf(exec.id); // the command closed its output before it ended
}

async function endProcess(target: ExecTarget, output: ExecOutput, user: string): Promise<void> {
  const signal = AbortSignal.any([target.over, AbortSignal.timeout(ENGINE_TIMEOUT_MS)]);
  try {
    const pid = await untilAborted(output.pid, signal);
    if (pid === undefined) return;
    const exec = await createExec(target.container, killTreeArgv(pid), { user, signal });
    const stream = await startExec(exec, target.over);
    const discard = () => undefined;
    await untilAborted(demux(stream, discard, discard), signal).finally(() => stream.destroy());
  } catch {
    return; // the sandbox or the engine is gone, and the process with it; the first failure is reported
  }
}
