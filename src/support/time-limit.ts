import { startTimer } from './long-timer.ts';

/** Limits the time of some work. Disposing of it stops the timer, so that it does not keep the process alive. */
export interface TimeLimit extends Disposable {
  /** Aborts with the limit's error, or with the reason of another signal that aborts first. */
  readonly signal: AbortSignal;
}

/**
 * Starts a limit of `ms` from now, of any length.
 * @param explain creates the error that `signal` aborts with at the limit.
 * @param others abort it earlier, each with its own reason.
 */
export function limitTime(ms: number, explain: () => Error, ...others: readonly AbortSignal[]): TimeLimit {
  const controller = new AbortController();
  const stop = startTimer(ms, () => controller.abort(explain()));
  return { signal: AbortSignal.any([...others, controller.signal]), [Symbol.dispose]: stop };
}

/**
 * A signal that aborts `ms` from now, for work that does not stop the timer when it ends. It does not keep the process alive. @param explain as for
 * {@link limitTime}.
 */
export function abortAfter(ms: number, explain: () => Error): AbortSignal {
  const controller = new AbortController();
  startTimer(ms, () => controller.abort(explain()), { holdsProcess: false });
  return controller.signal;
}
