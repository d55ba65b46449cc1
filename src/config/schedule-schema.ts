import { z } from 'zod';
import { readCron } from '../schedule/cron-fields.ts';
import { isTimeZone } from '../schedule/time-zone.ts';
import { parseWall } from '../schedule/wall-clock.ts';
import { parseDurationMs } from '../support/quantities.ts';
import { duration, mapping, name, oneOf } from './fields.ts';
import { nearest } from './nearest.ts';
import { parseDays, parseMinute } from './time-texts.ts';

/** `schedule:` and `timezone:` in a drill file: when a drill runs automatically. */

const CRON_HELP = 'a cron expression such as "30 3 * * *"';

export const cron = name(CRON_HELP).superRefine((text, context) => {
  if (text.trim() === '') return; // already reported
  const read = readCron(text);
  if ('problem' in read)
    context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is not a cron expression: ${read.problem}` });
});

export const timezoneSchema = name('a time zone such as Europe/Berlin').superRefine((text, context) => {
  if (text.trim() === '' || isTimeZone(text)) return;
  const near = findZone(text);
  const advice = near === undefined ? 'write one such as UTC or Europe/Berlin' : `did you mean "${near}"?`;
  context.addIssue({ code: 'custom', message: `is not a time zone; ${advice}` });
});

/** `Berlin` gives Europe/Berlin; else the zone with the most similar spelling. */
function findZone(text: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  const city = text.trim().toLowerCase().replaceAll(' ', '_');
  return zones.find((zone) => zone.toLowerCase().endsWith(`/${city}`)) ?? nearest(text, zones);
}

const daysText = z.string({ error: 'must be days such as mon-fri' });
const days = z
  .union([daysText, z.array(daysText)], { error: 'must be days such as mon-fri, or a list of them' })
  .superRefine((value, context) => {
    const parsed = parseDays(value);
    if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem });
  });

function timeOfDay() {
  const expected = 'must be a time of the day such as "08:00"';
  return z.string({ error: expected }).superRefine((text, context) => {
    if (parseMinute(text) === undefined)
      context.addIssue({ code: 'custom', message: `${expected}, up to "24:00", not ${JSON.stringify(text)}` });
  });
}

const timeWindow = mapping({
  days: days
    .optional()
    .describe('Days on which the window begins: `mon-fri`, `sat`, `[mon, wed-fri]`. Default: every day.'),
  from: timeOfDay().optional().describe('When it begins: `"08:00"`. Default: `"00:00"`.'),
  to: timeOfDay()
    .optional()
    .describe('When it ends; a time before `from` is on the following day. Default: `"24:00"`.'),
}).superRefine((value, context) => {
  const from = parseMinute(value.from ?? '00:00');
  const to = parseMinute(value.to ?? '24:00');
  if (value.days === undefined && from === 0 && to === 1440)
    context.addIssue({ code: 'custom', message: 'is always: no run would start; write days, from or to' });
  else if (from === to)
    context.addIssue({ code: 'custom', message: 'begins and ends at once; leave from and to out for the whole day' });
  else if (from === 1440)
    context.addIssue({
      code: 'custom',
      path: ['from'],
      message: 'is the end of the day; write "00:00" and the day after',
    });
  else if (to === 0)
    context.addIssue({
      code: 'custom',
      path: ['to'],
      message: 'is the beginning of the day; write "24:00" for its end',
    });
});

function day() {
  const expected = 'must be a day such as 2026-12-31, or with a time such as 2026-12-31 18:00';
  return z.string({ error: expected }).superRefine((text, context) => {
    if (!parseWall(text)) context.addIssue({ code: 'custom', message: `${expected}, not ${JSON.stringify(text)}` });
  });
}

const freeze = mapping({
  from: day().optional().describe('When it begins. Default: already in effect.'),
  until: day()
    .describe('Its last day, or the time at which it ends.')
    .meta({ examples: ['2026-12-31'] }),
}).superRefine(({ from, until }, context) => {
  const begins = from === undefined ? undefined : parseWall(from);
  const ends = parseWall(until);
  if (!begins || !ends || begins.wallMs < ends.wallMs || (begins.wallMs === ends.wallMs && ends.isDay)) return;
  context.addIssue({ code: 'custom', path: ['until'], message: `is not after its beginning, ${from}` });
});

/** More frequent polling would load the store more than the drills do. */
const MIN_POLL_MS = 10_000;
/** A run that starts within a minute of its due time counts as on time. */
const MIN_OVERDUE_MS = 60_000;

function durationFrom(shortestMs: number, message: string) {
  return duration().superRefine((text, context) => {
    const ms = parseDurationMs(text);
    if (ms !== undefined && ms < shortestMs) context.addIssue({ code: 'custom', message });
  });
}

const detailed = mapping({
  cron: cron
    .optional()
    .describe(
      'Minute, hour, day of month, month, day of week; or six fields with a second first. Accepts names (`mon-fri`) and macros such as `@daily` and `@hourly`.',
    )
    .meta({ examples: ['30 3 * * *'] }),
  on: oneOf(['new-backup'])
    .optional()
    .describe('`new-backup`: the drill runs after each new backup, with or without an additional cron expression.'),
  poll: durationFrom(MIN_POLL_MS, 'is too often; at least 10s')
    .optional()
    .describe('How often to check the source for a new backup; at least `10s`. Only with `on`. Default: `5m`.'),
  timezone: timezoneSchema.optional().describe('Time zone of the schedule. Default: the drill’s `timezone`, or `UTC`.'),
  missed: oneOf(['run-once', 'skip'])
    .optional()
    .describe(
      'What to do about runs that were due while the scheduler was down: one run for all of them, or none. Only with `cron`. Default: `run-once`.',
    ),
  jitter: duration()
    .refine((text) => !/^\d+(\.\d+)?ms$/.test(text), { error: 'is shorter than a second' })
    .optional()
    .describe(
      'Delays each run by up to this much, so that drills do not all start at once. The delay depends only on the drill and the due time. Only with `cron`.',
    ),
  notDuring: z
    .union([timeWindow, z.array(timeWindow)], {
      error: 'must be a window such as { days: mon-fri, from: "08:00", to: "18:00" }, or a list of them',
    })
    .default([])
    .describe(
      'One or more windows in which no run starts. A run due by `cron` is skipped, a new backup waits for the end, and a run in progress continues.',
    ),
  freeze: z
    .union([freeze, z.array(freeze)], { error: 'must be a freeze such as { until: 2026-12-31 }, or a list of them' })
    .default([])
    .describe('One or more date ranges in which no run starts.'),
  overdueAfter: durationFrom(MIN_OVERDUE_MS, 'is too soon; at least 1m, as a run may wait for its turn')
    .optional()
    .describe(
      'If a run has not started this long after it was due, the drill is overdue and an alert is sent. Default: `15m`.',
    ),
}).superRefine((value, context) => {
  const report = (key: keyof typeof value, message: string) =>
    context.addIssue({ code: 'custom', path: [key], message });
  if (value.cron === undefined && value.on === undefined)
    context.addIssue({ code: 'custom', message: `names no time; write cron: "30 3 * * *", on: new-backup, or both` });
  if (value.poll !== undefined && value.on === undefined) report('poll', 'needs on: new-backup');
  if (value.cron !== undefined || value.on === undefined) return;
  if (value.missed !== undefined) report('missed', 'needs cron: a missed new backup is still there to drill');
  if (value.jitter !== undefined) report('jitter', 'needs cron: new backups do not all arrive at once');
});

export const scheduleSchema = z
  .union([cron, detailed], { error: `must be ${CRON_HELP}, or a mapping with cron or on` })
  .describe(
    'When `firedrill serve` runs the drill: a cron expression (minute, hour, day of month, month, day of week), or a mapping such as `{ on: new-backup }`. `firedrill next` shows the upcoming runs.',
  )
  .meta({ examples: ['30 3 * * *', { on: 'new-backup' }] });

export type ScheduleFile = z.output<typeof scheduleSchema>;
