/**
 * Resolves with the result of the work, or rejects with the signal's reason once it aborts, so that a deadline holds even if a library ignores it. The work
 * then continues unobserved; a later rejection is ignored.
 * @param graceMs how long aborted work may take to end cleanly; 0 by default.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const giveUp = () => reject(signal.reason);
  const onAbort = () => {
    if (graceMs === 0) giveUp();
    else grace = setTimeout(giveUp, graceMs);
  };
  work.catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  }
}
