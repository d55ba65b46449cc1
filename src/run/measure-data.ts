import type { Sandbox } from '../sandbox/sandbox.ts';
import { limitTime } from '../support/time-limit.ts';
import { untilAborted } from '../support/until-aborted.ts';

/** Measuring must not delay the end of a run, so it is abandoned after this long. */
const MEASURE_TIMEOUT_MS = 5000;

/**
 * Measures the disk space of the restored data in the sandbox's data directory, with the sandbox's own du(1).
 * @returns bytes, to the nearest kilobyte; undefined when that takes longer than 5 s or fails. Never throws: only admission uses the result.
 */
export async function measureData(sandbox: Sandbox, signal: AbortSignal): Promise<number | undefined> {
  using limit = limitTime(MEASURE_TIMEOUT_MS, () => new Error('measuring took too long'), signal, sandbox.gone);
  try {
    const { exitCode, stdout } = await untilAborted(
      sandbox.exec(['du', '-sk', sandbox.paths.data], { signal: limit.signal }),
      limit.signal,
    );
    const [, kilobytes] = /^(\d+)\s/.exec(stdout) ?? [];
    return exitCode === 0 && kilobytes !== undefined ? Number(kilobytes) * 1024 : undefined;
  } catch {
    return undefined; // no du in the sandbox, or the sandbox is going away; the run must not fail because of that
  }
}
