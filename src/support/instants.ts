const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `27 Nov 2026, 16:56 UTC`: an instant in a sentence. */
export function formatInstant(at: Date): string {
  return `${formatDay(at)}, ${at.toISOString().slice(11, 16)} UTC`;
}

/** `27 Nov 2026, 16:56`, with seconds where there are any: the face of a clock, whose zone is said beside it. @param wallMs what it shows, as if it were UTC. */
export function formatWallTime(wallMs: number): string {
  const at = new Date(wallMs);
  return `${formatDay(at)}, ${at.toISOString().slice(11, wallMs % 60_000 === 0 ? 16 : 19)}`;
}

/** `27 Nov 2026, 16:56:07.250 UTC`, with seconds and milliseconds where there are any: an instant that is compared with another. */
export function formatExactInstant(at: Date): string {
  const milliseconds = at.getTime() % 1000 === 0 ? '' : at.toISOString().slice(19, 23);
  return `${formatWallTime(at.getTime())}${milliseconds} UTC`;
}

/** `27 Nov 2026`, in UTC. */
export function formatDay(at: Date): string {
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

/** @returns undefined when both are. */
export function earlierOf(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (!one || !other) return one ?? other;
  return one < other ? one : other;
}
