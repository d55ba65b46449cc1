import { firstInstantMs, openTimeZone, type TimeZone, toWallMs } from '../schedule/time-zone.ts';
import type { PeriodInput } from './input.ts';
import type { ReportPeriod } from './report.ts';
import type { ReportMonth } from './report-attainment.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** The calendar months that a period covers, in its time zone; clock changes make some an hour longer or shorter. */
export function monthsOf({ from, to, zone: name }: PeriodInput): readonly ReportMonth[] {
  const zone = openTimeZone(name);
  const months: ReportMonth[] = [];
  let month = monthAt(zone, from.getTime());
  while (month.startMs < to.getTime()) {
    const next = monthOf(zone, month.year, month.month + 1);
    months.push({
      key: `${month.year}-${String(month.month + 1).padStart(2, '0')}`,
      label: `${MONTHS[month.month]} ${month.year}`,
      from: new Date(month.startMs),
      to: new Date(next.startMs),
      isPartial: month.startMs < from.getTime() || next.startMs > to.getTime(),
    });
    month = next;
  }
  return months;
}

/** Labels a period and the one before it. @param asOf distinguishes `the last 7 days` from any other seven. */
export function describePeriod(period: PeriodInput, asOf: Date): ReportPeriod {
  const { from, to, zone } = period;
  const months = wholeMonths(period);
  if (months) return { ...period, ...months, label: to > asOf ? `${months.label} so far` : months.label };
  const lengthMs = to.getTime() - from.getTime();
  const previous = { from: new Date(from.getTime() - lengthMs), to: from };
  const days = Math.round(lengthMs / DAY_MS);
  const isWhole = days > 0 && Math.abs(lengthMs - days * DAY_MS) <= 2 * HOUR_MS; // a clock change may have made it longer or shorter
  const isRecent = Math.abs(asOf.getTime() - to.getTime()) < DAY_MS;
  const between = `from ${formatDay(from, zone)} to ${formatDay(new Date(to.getTime() - 1), zone)}`;
  const span = days === 1 ? '24 hours' : `${days} days`;
  return {
    ...period,
    label: isWhole && isRecent ? `in the last ${span}` : between,
    previous: { ...previous, label: isWhole ? `in the ${span} before` : 'in the same length of time before' },
  };
}

function wholeMonths(period: PeriodInput): Pick<ReportPeriod, 'label' | 'previous'> | undefined {
  const months = monthsOf(period);
  const [first] = months;
  if (!first || months.some(({ isPartial }) => isPartial)) return undefined;
  const zone = openTimeZone(period.zone);
  const { year, month } = monthAt(zone, first.from.getTime());
  const before = monthOf(zone, year, month - months.length);
  return {
    label: nameMonths(year, month, months.length),
    previous: {
      from: new Date(before.startMs),
      to: period.from,
      label:
        before.year === year && months.length === 1
          ? `in ${MONTHS[before.month]}`
          : nameMonths(before.year, before.month, months.length),
    },
  };
}

function nameMonths(year: number, month: number, count: number): string {
  if (count === 1) return `in ${MONTHS[month]} ${year}`;
  if (count === 3 && month % 3 === 0)
    return `in the ${['first', 'second', 'third', 'fourth'][month / 3]} quarter of ${year}`;
  if (count === 12 && month === 0) return `in ${year}`;
  const last = month + count - 1;
  return `from ${MONTHS[month]} ${year} to ${MONTHS[last % 12]} ${year + Math.floor(last / 12)}`;
}

/** `9 March 2027`, in the time zone. */
export function formatDay(at: Date, zone: string): string {
  const wall = new Date(toWallMs(openTimeZone(zone), at.getTime()));
  return `${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]} ${wall.getUTCFullYear()}`;
}

/** `9 March` if the year is unambiguous: within eleven months of now. */
export function formatNearDay(at: Date, asOf: Date, zone: string): string {
  const day = formatDay(at, zone);
  return Math.abs(at.getTime() - asOf.getTime()) < 335 * DAY_MS ? day.slice(0, -5) : day;
}

interface Month {
  readonly year: number;
  /** Zero-based. */
  readonly month: number;
  readonly startMs: number;
}

function monthAt(zone: TimeZone, instantMs: number): Month {
  const wall = new Date(toWallMs(zone, instantMs));
  return monthOf(zone, wall.getUTCFullYear(), wall.getUTCMonth());
}

/** @param month zero-based; a value outside 0 to 11 means a month of another year. */
function monthOf(zone: TimeZone, year: number, month: number): Month {
  const wall = new Date(Date.UTC(year, month));
  const startMs = firstInstantMs(zone, wall.getTime());
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth(), startMs };
}
