/** The keys of durations end in `Ms`. */
const DURATION_KEY = /Ms$/;

/** JSON for all output: durations, under keys that end in `Ms`, are rounded to whole milliseconds. @param indent spaces; undefined: one line. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, roundDuration, indent);
}

function roundDuration(key: string, value: unknown): unknown {
  return DURATION_KEY.test(key) ? round(value) : value;
}

/** Also rounds lists of durations, and durations by name. */
function round(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value);
  if (Array.isArray(value)) return value.map(round);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, round(part)]));
}
