import { setTimeout as pause } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { DrillError } from '../../support/errors.ts';
import { formatDuration } from '../../support/quantities.ts';
import { limitTime } from '../../support/time-limit.ts';
import type { ExecOptions } from './exec-options.ts';
import { fillArgv } from './placeholders.ts';
import { explainStep, lastLines, runStep, type StepEnvironment } from './run-step.ts';
import { endOf } from './step-fault.ts';

/** A server that a drill starts, in the foreground of its sandbox. */
export interface RunningServer {
  /** Throws `server-failed`, `tool-missing` or `out-of-memory` once it has ended. */
  assertRunning(): void;
  /**
   * Runs `ready` again after a client has failed: its server may have died or stopped answering, which is noticed only a moment later. Throws as
   * {@link assertRunning}, and `server-failed` when it does not answer.
   */
  assertAnswers(signal: AbortSignal): Promise<void>;
}

/** Only polling shows when an unknown server answers. */
const ASK_EVERY_MS = 200;

/** Starts the server, and waits until `ready` exits with 0. Throws `server-failed` when it ends earlier, or does not answer in time. */
export async function startServer(
  sandbox: Sandbox,
  { server = [], ready = [], readyMs }: Pick<ExecOptions, 'server' | 'ready' | 'readyMs'>,
  { environment, signal }: { readonly environment: StepEnvironment; readonly signal: AbortSignal },
): Promise<RunningServer> {
  const ended = new AbortController();
  const stopping = new AbortController();
  void watch();
  const assertRunning = (): void => {
    if (ended.signal.aborted) throw ended.signal.reason;
  };
  let answer: unknown;
  const late = () => {
    const said = answer instanceof DrillError ? answer.details : [];
    return explainStep('ready', ready, 'late', `did not exit with code 0 within ${formatDuration(readyMs)}`, said);
  };
  using limit = limitTime(readyMs, late, signal, ended.signal);
  try {
    while (!(await answers(limit.signal))) await pause(ASK_EVERY_MS, undefined, { signal: limit.signal });
  } catch (error) {
    stopping.abort();
    limit.signal.throwIfAborted();
    throw error;
  }
  return { assertRunning, assertAnswers };

  async function assertAnswers(until: AbortSignal): Promise<void> {
    assertRunning();
    const silent = () =>
      explainStep('ready', ready, 'late', `no longer exits with code 0 within ${formatDuration(readyMs)}`, []);
    using patience = limitTime(readyMs, silent, until, ended.signal);
    try {
      await runStep(sandbox, 'ready', ready, { environment, signal: patience.signal });
    } catch (error) {
      assertRunning();
      throw error;
    }
  }

  async function watch(): Promise<void> {
    try {
      const { exitCode, stderr, stdout } = await sandbox.exec(fillArgv(server, sandbox.paths), {
        env: environment.env,
        signal: stopping.signal,
      });
      const lines = lastLines(stderr.trim() === '' ? stdout : stderr, environment);
      const end = exitCode === 0 ? 'exit' : endOf(exitCode, stderr);
      ended.abort(explainStep('server', server, end, `ended with exit code ${exitCode}`, lines));
    } catch (error) {
      ended.abort(error);
    }
  }

  async function answers(until: AbortSignal): Promise<boolean> {
    until.throwIfAborted();
    try {
      await runStep(sandbox, 'ready', ready, { environment, signal: until });
      return true;
    } catch (error) {
      until.throwIfAborted();
      if (!(error instanceof DrillError) || error.code !== 'server-failed') throw error;
      answer = error;
      return false;
    }
  }
}
