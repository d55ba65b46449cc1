const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `27 Nov 2026, 16:56 UTC`: an instant in a sentence. */
export function formatInstant(at: Date): string {
  return `${formatDay(at)}, ${at.toISOString().slice(11, 16)} UTC`;
}

/**
 * `27 Nov 2026, 16:56`, with seconds where there are any: wall-clock time, whose zone is shown next to it. @param wallMs the time shown, as if it were UTC.
 */
export function formatWallTime(wallMs: number): string {
  const at = new Date(wallMs);
  return `${formatDay(at)}, ${at.toISOString().slice(11, wallMs % 60_000 === 0 ? 16 : 19)}`;
}

/** `27 Nov 2026, 16:56:07.250 UTC`, with seconds and milliseconds where there are any: for an instant to be compared with another. */
export function formatExactInstant(at: Date): string {
  const milliseconds = at.getTime() % 1000 === 0 ? '' : at.toISOString().slice(19, 23);
  return `${formatWallTime(at.getTime())}${milliseconds} UTC`;
}

/** `27 Nov 2026`, in UTC. */
export function formatDay(at: Date): string {
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

/** @returns undefined when both are undefined. */
export function earlierOf(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (!one || !other) return one ?? other;
  return one < other ? one : other;
}

const WRITTEN =
  /^(?<day>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: ?(?<zone>Z|UTC|[+-]\d\d:\d\d))?)?$/;

/**
 * Parses an instant as written in options, drills and forms: ISO 8601, with a `T` or a space. A day alone means midnight UTC.
 * @param zone to assume for a time without one. Default: such a time is not an instant.
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

/** @returns text to append to a message about a value that {@link parseInstant} refuses, if only its time zone is missing; otherwise empty. */
export function missingZone(text: string): string {
  return parseInstant(text, 'UTC') === undefined ? '' : '; add its time zone, such as Z for UTC';
}
