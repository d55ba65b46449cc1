/** A time zone as described by a file of the zone database: its types of local time, and when each began. */
export interface Zone {
  readonly types: readonly ZoneType[];
  /** In order; `at` in seconds since 1970, `type` an index into `types`. */
  readonly transitions: readonly { readonly at: number; readonly type: number }[];
}

export interface ZoneType {
  readonly offsetSeconds: number;
  readonly isDst: boolean;
  readonly abbreviation: string;
}

const HEADER_BYTES = 44;
/** The start of the range of `TIMESTAMP`: servers convert no earlier time, and their own loaders stop there. */
const FIRST_SECOND = 0;
const LAST_SECOND = 2 ** 31 - 1;
const LAST_YEAR = 2037;

/**
 * Reads a compiled zone file (RFC 8536, "TZif"), of any version. For files that leave repeating rules to their footer ("slim" ones), the transitions are
 * computed up to 2037.
 * @returns undefined if the bytes are not such a file.
 */
export function readZone(bytes: Buffer): Zone | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 4) !== 'TZif') return undefined;
  try {
    if ((bytes[4] ?? 0) < 0x32) return readBlock(bytes, 0, 4).zone; // version 1 is a zero byte, the others are digits
    const { end } = readBlock(bytes, 0, 4);
    const { zone, end: footer } = readBlock(bytes, end, 8);
    return withRepeats(zone, /^\n([^\n]*)\n/.exec(bytes.toString('latin1', footer))?.[1] ?? '');
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the file is shorter than its header says
    throw error;
  }
}

function readBlock(bytes: Buffer, start: number, width: 4 | 8): { zone: Zone; end: number } {
  const count = (index: number): number => bytes.readUInt32BE(start + 20 + 4 * index);
  const [utc, standard, leaps, times, typeCount, letters] = [0, 1, 2, 3, 4, 5].map(count) as [
    ...[number, number, number],
    ...[number, number, number],
  ];
  const indexes = start + HEADER_BYTES + times * width;
  const typesAt = indexes + times;
  const names = typesAt + typeCount * 6;
  const end = names + letters + leaps * (width + 4) + standard + utc;
  if (end > bytes.length) throw new RangeError('the zone file ends early');
  const types = Array.from({ length: typeCount }, (_, index) => {
    const at = typesAt + index * 6;
    const name = names + bytes.readUInt8(at + 5);
    const abbreviation = bytes.toString('latin1', name, bytes.indexOf(0, name));
    return { offsetSeconds: bytes.readInt32BE(at), isDst: bytes[at + 4] === 1, abbreviation };
  });
  const timeAt = (index: number): number => {
    const at = start + HEADER_BYTES + index * width;
    return width === 4 ? bytes.readInt32BE(at) : Number(bytes.readBigInt64BE(at));
  };
  const transitions = Array.from({ length: times }, (_, index) => ({
    at: timeAt(index),
    type: bytes.readUInt8(indexes + index),
  }));
  const before = transitions.findLastIndex(({ at }) => at <= FIRST_SECOND && at >= -(2 ** 31)); // the one in force at the start
  const within = transitions.filter(({ at }, index) => index === before || (at > FIRST_SECOND && at <= LAST_SECOND));
  return { zone: { types, transitions: within }, end };
}

const NAME = '(?:<([^>]+)>|([A-Za-z]+))';
const OFFSET = '([+-]?\\d+(?::\\d+){0,2})';
const RULE = `,([JM]?[\\d.]+)(?:/${OFFSET})?`;
const FOOTER = new RegExp(`^${NAME}${OFFSET}${NAME}${OFFSET}?${RULE}${RULE}$`);

/** Continues after the file's last transition, by the rule in its footer (POSIX `TZ`, "Base Definitions", chapter 8). */
function withRepeats(zone: Zone, footer: string): Zone {
  const match = FOOTER.exec(footer);
  const last = zone.transitions.at(-1);
  const lastYear = last ? new Date(last.at * 1000).getUTCFullYear() : 1969;
  if (!match || lastYear >= LAST_YEAR) return zone;
  const [, ...parts] = match;
  const standardSeconds = -secondsIn(parts[2] ?? '0');
  const summerSeconds = parts[5] === undefined ? standardSeconds + 3600 : -secondsIn(parts[5]);
  const types = [...zone.types];
  const typeOf = (type: ZoneType): number => {
    const found = types.findIndex((each) => JSON.stringify(each) === JSON.stringify(type));
    return found >= 0 ? found : types.push(type) - 1;
  };
  const abbreviations = [parts[0] ?? parts[1] ?? '', parts[3] ?? parts[4] ?? ''] as const;
  const standard = typeOf({ offsetSeconds: standardSeconds, isDst: false, abbreviation: abbreviations[0] });
  const summer = typeOf({ offsetSeconds: summerSeconds, isDst: true, abbreviation: abbreviations[1] });
  const added: { at: number; type: number }[] = [];
  for (let year = Math.max(1970, lastYear); year <= LAST_YEAR; year += 1) {
    const begin = dayOf(parts[6] ?? '', year) + secondsIn(parts[7] ?? '2') - standardSeconds;
    const end = dayOf(parts[8] ?? '', year) + secondsIn(parts[9] ?? '2') - summerSeconds;
    added.push({ at: begin, type: summer }, { at: end, type: standard });
  }
  const rest = added.filter(({ at }) => at > (last?.at ?? FIRST_SECOND) && at <= LAST_SECOND);
  return { types, transitions: [...zone.transitions, ...rest.sort((a, b) => a.at - b.at)] };
}

function secondsIn(written: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = written.replace(/^[+-]/, '').split(':').map(Number);
  return (written.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

/** @returns midnight of the day that a rule names in a year, in seconds since 1970, as if its local time were UTC. */
function dayOf(rule: string, year: number): number {
  const DAY = 86_400;
  const start = Date.UTC(year, 0, 1) / 1000;
  if (rule.startsWith('M')) {
    const [month = 1, week = 1, weekday = 0] = rule.slice(1).split('.').map(Number);
    const first = new Date(Date.UTC(year, month - 1, 1));
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const date = 1 + ((weekday - first.getUTCDay() + 7) % 7) + (week - 1) * 7;
    return first.getTime() / 1000 + ((date > days ? date - 7 : date) - 1) * DAY;
  }
  if (!rule.startsWith('J')) return start + Number(rule) * DAY;
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  const day = Number(rule.slice(1)); // counted from 1, without 29 February
  return start + (day - 1 + (isLeap && day > 59 ? 1 : 0)) * DAY;
}
