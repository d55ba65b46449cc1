/**
 * What the work gives, or the signal's reason once it has aborted: a deadline holds also where a library ignores it.
 * The work goes on unwatched then; a later rejection is ignored.
 * @param graceMs how long work that has been told to stop may take to end in order; nothing by default.
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
