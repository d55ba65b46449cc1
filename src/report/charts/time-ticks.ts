/** Positions and labels of the ticks on a time axis; in UTC, like every stored instant. */
export interface TimeTicks {
  readonly atMs: readonly number[];
  readonly format: (ms: number) => string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Step widths below a day: minutes and hours. */
const CLOCK_STEPS = [5 / 60, 0.25, 0.5, 1, 2, 3, 6, 12].map((count) => count * HOUR);
const DAY_STEPS = [1, 2, 7, 14].map((count) => count * DAY);
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** 1970 began on a Thursday, and weeks are counted from Monday. */
const FIRST_MONDAY_MS = 4 * DAY;

/** At most `most` ticks, at round minutes, hours, days, Mondays or first days of the month. */
export function timeTicks(fromMs: number, toMs: number, most = 8): TimeTicks {
  const fits = (stepMs: number) => (toMs - fromMs) / stepMs <= most;
  const step = CLOCK_STEPS.find(fits);
  if (step !== undefined) return { atMs: everyMs(step, 0, fromMs, toMs), format: formatHour };
  const days = DAY_STEPS.find(fits);
  if (days !== undefined)
    return { atMs: everyMs(days, days % (7 * DAY) === 0 ? FIRST_MONDAY_MS : 0, fromMs, toMs), format: formatDay };
  const months = MONTH_STEPS.find((count) => fits(count * 30 * DAY)) ?? 240;
  return { atMs: everyMonth(months, fromMs, toMs), format: formatMonth };
}

function everyMs(stepMs: number, originMs: number, fromMs: number, toMs: number): number[] {
  const first = Math.ceil((fromMs - originMs) / stepMs) * stepMs + originMs;
  return Array.from({ length: Math.floor((toMs - first) / stepMs) + 1 }, (_, index) => first + index * stepMs);
}

function everyMonth(count: number, fromMs: number, toMs: number): number[] {
  const ticks: number[] = [];
  const year = new Date(fromMs).getUTCFullYear();
  for (let month = 0; ; month += count) {
    const ms = Date.UTC(year, month, 1);
    if (ms > toMs) return ticks;
    if (ms >= fromMs) ticks.push(ms);
  }
}

function formatHour(ms: number): string {
  return ms % DAY === 0 ? formatDay(ms) : new Date(ms).toISOString().slice(11, 16);
}

function formatDay(ms: number): string {
  const at = new Date(ms);
  return `${at.getUTCDate()} ${nameOfMonth(at)}`;
}

function formatMonth(ms: number): string {
  const at = new Date(ms);
  return at.getUTCMonth() === 0 ? String(at.getUTCFullYear()) : nameOfMonth(at);
}

function nameOfMonth(at: Date): string {
  return MONTHS[at.getUTCMonth()] ?? '';
}
