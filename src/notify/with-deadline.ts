import { formatDuration } from '../support/quantities.ts';
import { limitTime } from '../support/time-limit.ts';
import { untilAborted } from '../support/until-aborted.ts';
import { NotifyError } from './notify-error.ts';

/**
 * Abandons work that takes too long, or when the signal aborts, even if a library ignores both.
 * @param who the party that is waited for, as named in the error.
 * @throws NotifyError (retryable) at the deadline; the signal's reason when it aborts.
 */
export async function withDeadline<T>(
  who: string,
  deadlineMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  using limit = limitTime(deadlineMs, () => didNotAnswer(who, deadlineMs), signal);
  try {
    return await untilAborted(work(limit.signal), limit.signal);
  } catch (error) {
    // A library wraps the reason or throws its own abort error, so the reason is thrown here.
    throw limit.signal.aborted ? limit.signal.reason : error;
  }
}

/** The error at the deadline; also for a library whose own timer fires first. */
export function didNotAnswer(who: string, deadlineMs: number): NotifyError {
  return new NotifyError(`${who} did not answer within ${formatDuration(deadlineMs)}`, { retryable: true });
}
