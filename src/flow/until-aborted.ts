/** Work that has been told to stop gets this long to end in order; after that the run goes on without it. */
const STOP_GRACE_MS = 2000;

/** What the work gives, or the signal's reason once it has aborted: a deadline holds also where a library ignores it. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const onAbort = () => {
    grace = setTimeout(() => reject(signal.reason), STOP_GRACE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    // When the grace is over first, what the work throws later has lost: the first cause is already told.
    work.catch(() => undefined);
    return await Promise.race([work, aborted]);
  } finally {
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  }
}
