import { startTimer } from './long-timer.ts';

/** Limits the time of some work. Disposing of it stops the timer, so that it holds no process. */
export interface TimeLimit extends Disposable {
  /** Aborts with the limit's error, or with the reason of another signal that aborts before. */
  readonly signal: AbortSignal;
}

/**
 * Starts a limit of `ms` from now, however long.
 * @param explain makes the error with which `signal` aborts, when the time is over.
 * @param others abort it earlier, each with its own reason.
 */
export function limitTime(ms: number, explain: () => Error, ...others: readonly AbortSignal[]): TimeLimit {
  const controller = new AbortController();
  const stop = startTimer(ms, () => controller.abort(explain()));
  return { signal: AbortSignal.any([...others, controller.signal]), [Symbol.dispose]: stop };
}

/** A signal that aborts `ms` from now, for work whose end stops no timer. It holds no process. @param explain as for {@link limitTime}. */
export function abortAfter(ms: number, explain: () => Error): AbortSignal {
  const controller = new AbortController();
  startTimer(ms, () => controller.abort(explain()), { holdsProcess: false });
  return controller.signal;
}
