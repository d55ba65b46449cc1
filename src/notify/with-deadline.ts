import { formatDuration } from '../support/quantities.ts';
import { untilAborted } from '../support/until-aborted.ts';
import { NotifyError } from './notify-error.ts';

/**
 * Gives up on work when it takes too long or the signal aborts, even where a library ignores both.
 * @param who the party that is waited for, as an error names it.
 * @throws NotifyError (retryable) at the deadline; the signal's reason when it aborts.
 */
export async function withDeadline<T>(
  who: string,
  deadlineMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  const onDeadline = () =>
    controller.abort(
      new NotifyError(`${who} did not answer within ${formatDuration(deadlineMs)}`, { retryable: true }),
    );
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(onDeadline, deadlineMs);
  try {
    return await untilAborted(work(controller.signal), controller.signal);
  } catch (error) {
    // A library wraps the reason or throws its own abort error, so the reason is thrown here.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
