import { MAX_TIMER_MS } from './clock.ts';

/**
 * Calls back once after `ms`, even if that is very long. Node fires timers of more than 24.8 days at once, so a long wait is split into pieces.
 * @param options.holdsProcess whether this process stays alive for it; it does by default.
 * @returns a function that stops the timer; harmless after it has fired.
 */
export function startTimer(ms: number, onDue: () => void, { holdsProcess = true } = {}): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number) => {
    const pieceMs = Math.min(leftMs, MAX_TIMER_MS);
    timer = setTimeout(() => (leftMs > pieceMs ? wait(leftMs - pieceMs) : onDue()), pieceMs);
    if (!holdsProcess) timer.unref();
  };
  wait(Math.max(0, ms));
  return () => clearTimeout(timer);
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function waitOrAbort(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      stop();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const stop = startTimer(ms, end);
    signal.addEventListener('abort', end, { once: true });
  });
}
