import { CronTime } from 'cron';

/** When a cron expression matches, as fields of the wall clock. Lists are sorted and never empty. */
export interface CronFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** undefined: any. */
  readonly daysOfMonth: ReadonlySet<number> | undefined;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday; undefined: any. If both kinds of day are given, either one is enough, as in every cron. */
  readonly weekdays: ReadonlySet<number> | undefined;
}

/**
 * Reads a cron expression: five fields, or six with seconds first; names of months and weekdays; `@daily` and its siblings.
 * The package `cron` parses it. The checks here catch expressions that the package would silently misread:
 * - it accepts names in any field, so that `0 3 mon * *` is the first of each month, and `0 3 * mon *` January;
 * - a step longer than its field, such as every 90 minutes, becomes every hour;
 * - it does not notice a date that never occurs, such as February 31;
 * - it does not know `@midnight` and `@annually`, nor ` @daily` with a space in front.
 *
 * @returns the fields, or the problem, phrased to follow the expression.
 */
export function readCron(expression: string): CronReading {
  const known = readings.get(expression);
  if (known) return known;
  const reading = parseCron(expression);
  if (readings.size === MAX_READINGS) readings.clear();
  readings.set(expression, reading);
  return reading;
}

type CronReading = { readonly fields: CronFields } | { readonly problem: string };

/** Loading a drill and its standing reads the same expression four times, and the package takes up to half a millisecond each time. */
const readings = new Map<string, CronReading>();
const MAX_READINGS = 10_000;

function parseCron(expression: string): CronReading {
  const text = expression.trim().toLowerCase();
  const source = SYNONYMS[text] ?? text;
  const isPreset = text.startsWith('@');
  const texts = source.split(/\s+/).filter(Boolean);
  const mistaken = isPreset ? undefined : findProblem(texts, findMistake);
  if (mistaken !== undefined) return { problem: mistaken };
  const time = parse(source);
  if (!(time instanceof CronTime)) {
    return { problem: (isPreset ? explainPreset(source) : findProblem(texts, explainField)) ?? time.message };
  }
  const fields = toFields(time, isPreset ? RULES.map(() => '*') : texts.length === 5 ? ['0', ...texts] : texts);
  return comes(fields) ? { fields } : { problem: 'it never fires: no selected month has that day' };
}

/** Uses an offset instead of a zone, because the package needs a millisecond to resolve the system's zone or any other. */
function parse(source: string): CronTime | Error {
  try {
    return new CronTime(source, null, 0);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const SYNONYMS: Readonly<Record<string, string>> = { '@midnight': '@daily', '@annually': '@yearly' };
const PRESETS =
  '@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @minutely, @secondly, @weekdays, @weekends';

function explainPreset(source: string): string {
  return source === '@reboot' ? '@reboot is not supported' : `it is none of ${PRESETS}`;
}

interface FieldRule {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** The number of values; a longer step is a mistake. */
  readonly size: number;
  readonly words?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const RULES: readonly FieldRule[] = [
  { name: 'second', low: 0, high: 59, size: 60 },
  { name: 'minute', low: 0, high: 59, size: 60 },
  { name: 'hour', low: 0, high: 23, size: 24 },
  { name: 'day of month', low: 1, high: 31, size: 31 },
  { name: 'month', low: 1, high: 12, size: 12, words: MONTHS },
  { name: 'day of week', low: 0, high: 7, size: 7, words: WEEKDAYS },
];

function findProblem(
  texts: readonly string[],
  findFieldProblem: (text: string, rule: FieldRule) => string | undefined,
): string | undefined {
  if (texts.length < 5 || texts.length > 6) {
    const count = texts.length === 1 ? '1 field' : `${texts.length} fields`;
    return `it has ${count}; it takes five (minute, hour, day of month, month, day of week), or six with a second first`;
  }
  const rules = RULES.slice(-texts.length);
  for (const [index, text] of texts.entries()) {
    const rule = rules[index];
    const problem = rule && findFieldProblem(text, rule);
    if (problem) return problem;
  }
  return undefined;
}

/** Finds what the package would misread. */
function findMistake(text: string, rule: FieldRule): string | undefined {
  const shown = `${rule.name} ${JSON.stringify(text)}`;
  for (const word of text.match(/[a-z]+/g) ?? []) {
    if (rule.words?.includes(word)) continue;
    const allowed = rule.words ? `write ${rule.words.join(', ')}` : 'names stand for months and days of the week only';
    return `${shown} has ${JSON.stringify(word)}, which is not valid there; ${allowed}`;
  }
  for (const [, step = ''] of text.matchAll(/\/(\d+)/g)) {
    if (Number(step) <= rule.size) continue;
    return `${shown} has a step of ${step}, longer than the range (${rule.size}): it would start over each time`;
  }
  return undefined;
}

/** Explains what the package rejects in a field. */
function explainField(text: string, rule: FieldRule): string | undefined {
  const shown = `${rule.name} ${JSON.stringify(text)}`;
  const bounds = `${rule.low} to ${rule.high}`;
  // try each field alone, so that the message can name it
  const alone = RULES.map((other) => (other === rule ? text : '*')).join(' ');
  const error = parse(alone);
  if (error instanceof CronTime) return undefined;
  if (/out of range/.test(error.message)) return `${shown} is out of range, ${bounds}`;
  if (/invalid range/.test(error.message))
    return `${shown} has a range that runs backwards; write it as two, with a comma`;
  if (/step of zero/.test(error.message)) return `${shown} has a step of 0`;
  return `${shown} is not understood; write *, a number from ${bounds}, a range such as 2-5, a step such as */2, or several with commas`;
}

/** @param texts of the six fields, seconds first. */
function toFields(time: CronTime, texts: readonly string[]): CronFields {
  const [seconds, minutes, hours, daysOfMonth, months, weekdays] = readLists(time, texts);
  if (!seconds || !minutes || !hours || !daysOfMonth || !months || !weekdays)
    throw new Error('the package cron gave fewer than six fields');
  return {
    seconds,
    minutes,
    hours,
    daysOfMonth: daysOfMonth.length === 31 ? undefined : new Set(daysOfMonth),
    months: new Set(months),
    weekdays: weekdays.length === 7 ? undefined : new Set(weekdays),
  };
}

/**
 * The values of each field. `CronTime.toJSON()` has them, but also writes `*` for a field that lacks only its last value (cron 4.4.0 compares with `<`
 * where it needs `<=`, so that minutes `0-58` and weekdays `0-5` become `*`). Whether the last value matches is therefore checked separately.
 */
function readLists(time: CronTime, texts: readonly string[]): readonly (readonly number[])[] {
  return time.toJSON().map((list, index) => {
    if (list !== '*') return list.split(',').map(Number);
    const { low, size } = RULES[index] ?? { low: 0, size: 0 };
    const all = Array.from({ length: size }, (_, offset) => low + offset);
    return matchesLast(texts, index) ? all : all.slice(0, -1);
  });
}

/** A Saturday on which every field has its highest value. */
const ALL_LAST_MS = Date.UTC(2022, 11, 31, 23, 59, 59);

function matchesLast(texts: readonly string[], index: number): boolean {
  if (texts[index] === '*') return true;
  const alone = parse(texts.map((text, other) => (other === index ? text : '*')).join(' '));
  const secondBefore = new Date(ALL_LAST_MS - 1000);
  return alone instanceof CronTime && alone.getNextDateFrom(secondBefore, 'UTC').toMillis() === ALL_LAST_MS;
}

const MONTH_LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function comes({ daysOfMonth, months, weekdays }: CronFields): boolean {
  if (!daysOfMonth || weekdays) return true;
  const first = Math.min(...daysOfMonth);
  return [...months].some((month) => first <= (MONTH_LENGTHS[month - 1] ?? 0));
}
