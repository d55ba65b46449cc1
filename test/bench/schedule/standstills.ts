import { makeRandom } from './random.ts';

/** A period in which nothing reads the agenda: what would happen in it happens at its end. */
export interface Standstill {
  readonly fromMs: number;
  /** Exclusive: the agenda is read at this instant. */
  readonly toMs: number;
  /** `stall`: the process is busy or suspended; `restart`: it is gone, with everything that it had not stored. */
  readonly kind: 'stall' | 'restart';
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** In gaps, and in hours that occur twice, where a restart follows: in America, Europe, New Zealand and on Lord Howe Island. */
const FIXED = [
  ['restart', '2026-03-08T05:00Z', '2026-03-08T07:10Z'],
  ['stall', '2026-03-29T00:59Z', '2026-03-29T01:02Z'],
  ['restart', '2026-04-04T13:30Z', '2026-04-04T14:11Z'],
  ['stall', '2026-04-04T14:35Z', '2026-04-04T15:05Z'],
  ['restart', '2026-04-04T15:06Z', '2026-04-04T15:07Z'],
  ['restart', '2026-10-24T20:00Z', '2026-10-25T01:05Z'],
  ['stall', '2026-11-01T05:05Z', '2026-11-01T06:05Z'],
  ['restart', '2026-11-01T06:06Z', '2026-11-01T06:07Z'],
] as const;

/** Many short ones, and some of up to four days; they do not touch each other. */
export function makeStandstills(startMs: number, endMs: number, seed: number): readonly Standstill[] {
  const random = makeRandom(seed);
  const found: Standstill[] = FIXED.map(([kind, from, to]) => ({
    kind,
    fromMs: Date.parse(from),
    toMs: Date.parse(to),
  }));
  const add = (count: number, kind: Standstill['kind'], longestMs: number) => {
    for (let index = 0; index < count; index += 1) {
      const fromMs = wholeSecond(startMs + random() * (endMs - startMs));
      found.push({ fromMs, toMs: fromMs + SECOND_MS + wholeSecond(random() * longestMs), kind });
    }
  };
  add(200, 'stall', 2 * MINUTE_MS);
  add(20, 'stall', 3 * HOUR_MS);
  add(30, 'restart', 2 * MINUTE_MS);
  add(10, 'restart', 6 * HOUR_MS);
  add(5, 'restart', 4 * DAY_MS);
  found.sort((a, b) => a.fromMs - b.fromMs);
  return found.filter(({ fromMs }, index) => found.slice(0, index).every(({ toMs }) => toMs < fromMs));
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}
