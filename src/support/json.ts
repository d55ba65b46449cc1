/** Keys of durations end so. */
const DURATION_KEY = /Ms$/;

/** JSON as every surface writes it: durations, under keys that end in `Ms`, are whole milliseconds. @param indent spaces; undefined: one line. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, roundDuration, indent);
}

function roundDuration(key: string, value: unknown): unknown {
  return DURATION_KEY.test(key) ? round(value) : value;
}

/** Also what is a list of durations, or one for each of several names. */
function round(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value);
  if (Array.isArray(value)) return value.map(round);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, round(part)]));
}
