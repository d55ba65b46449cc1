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

const WRITTEN =
  /^(?<day>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: ?(?<zone>Z|UTC|[+-]\d\d:\d\d))?)?$/;

/**
 * An instant as people write it in options, drills and forms: ISO 8601, a space in place of the `T` or not. A day alone is its midnight in UTC.
 * @param zone of a time that is written without one. Default: such a time is not an instant.
 * @returns undefined for anything else, and for a day or a time that does not exist.
 */
export function parseInstant(text: string, zone?: 'UTC'): Date | undefined {
  const written = WRITTEN.exec(text.trim())?.groups;
  if (!written) return undefined;
  const { day = '', time, zone: own = time === undefined ? 'UTC' : zone } = written;
  const midnight = new Date(`${day}T00:00:00Z`);
  if (own === undefined || Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day))
    return undefined;
  const at = new Date(`${day}T${time ?? '00:00'}${own === 'UTC' ? 'Z' : own}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** @returns what to say behind a text that {@link parseInstant} refuses, if only its time zone is missing; else nothing. */
export function missingZone(text: string): string {
  return parseInstant(text, 'UTC') === undefined ? '' : '; add its time zone, such as Z for UTC';
}
