import type { Sandbox } from '../sandbox/sandbox.ts';
import { untilAborted } from '../support/until-aborted.ts';

/** What is learned is worth little beside a run that ends: where looking takes longer, nothing is learned. */
const MEASURE_TIMEOUT_MS = 5000;

/**
 * What the restored server's data takes on disk, below the box's data directory, asked of the box's own du(1).
 * @returns bytes, to the kilobyte; undefined when that cannot be had in 5 s. Never throws: admission learns from it, nothing else does.
 */
export async function measureData(sandbox: Sandbox, signal: AbortSignal): Promise<number | undefined> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new Error('measuring took too long')), MEASURE_TIMEOUT_MS);
  const either = AbortSignal.any([signal, timeout.signal, sandbox.gone]);
  try {
    const { exitCode, stdout } = await untilAborted(
      sandbox.exec(['du', '-sk', sandbox.paths.data], { signal: either }),
      either,
    );
    const [, kilobytes] = /^(\d+)\s/.exec(stdout) ?? [];
    return exitCode === 0 && kilobytes !== undefined ? Number(kilobytes) * 1024 : undefined;
  } catch {
    return undefined; // no du in the box, or the box is on its way out: a run does not break over it
  } finally {
    clearTimeout(timer);
  }
}
