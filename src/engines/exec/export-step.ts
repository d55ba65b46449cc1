import { Transform } from 'node:stream';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { formatBytes } from '../../support/quantities.ts';
import type { ExecOptions } from './exec-options.ts';
import { explainStep, runStep, type StepEnvironment } from './run-step.ts';
import { writeStream } from './stage-backup.ts';

/** Runs `export`, and writes its output to `{scratch}/export`. Throws `step-failed` when that is larger than the drill allows. */
export async function exportData(
  sandbox: Sandbox,
  { export: argv, exportMs, exportBytes }: ExecOptions,
  { environment, signal }: { readonly environment: StepEnvironment; readonly signal: AbortSignal },
): Promise<void> {
  if (!argv) return;
  const explain = () => explainStep('export', argv, 'too-much', `prints more than ${formatBytes(exportBytes)}`, []);
  const printed = new Bounded(exportBytes, explain);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const writing = writeStream(sandbox, 'export', printed, either);
  const running = runStep(sandbox, 'export', argv, { environment, limitMs: exportMs, stdout: printed, signal: either });
  const failing = (error: unknown): never => {
    failed.abort(error);
    printed.destroy();
    throw error;
  };
  const results = await Promise.allSettled([running.catch(failing), writing.catch(failing)]);
  signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** Passes a limited number of bytes through, and fails beyond it. */
class Bounded extends Transform {
  #left: number;
  readonly #explain: () => Error;

  constructor(bytes: number, explain: () => Error) {
    super();
    this.#left = bytes;
    this.#explain = explain;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: Error | null, chunk?: Buffer) => void): void {
    this.#left -= chunk.length;
    if (this.#left < 0) done(this.#explain());
    else done(null, chunk);
  }
}
