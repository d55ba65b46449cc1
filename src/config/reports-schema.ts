import { z } from 'zod';
import { RENDERED_FORMATS } from '../report/format-registry.ts';
import { parseDurationMs, parseTargetShare } from '../support/quantities.ts';
import { mapping, name, oneOf, wholeNumber } from './fields.ts';
import { cron, timezoneSchema } from './schedule-schema.ts';

/** `reports:` of firedrill.yaml: scheduled reports by e-mail. {@link file://./resolve-reports.ts} makes ReportSpecs of it. */

const REPORT_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
const PERIOD_HELP = 'day, week, month, quarter, year or a duration such as 90d';

const period = z.string({ error: `must be ${PERIOD_HELP}` }).refine((text) => readPeriod(text) !== undefined, {
  error: ({ input }) => `${JSON.stringify(input)} is no period; write ${PERIOD_HELP}`,
});

export type PeriodSpec =
  | { readonly kind: 'whole'; readonly unit: (typeof UNITS)[number] }
  | { readonly kind: 'last'; readonly lengthMs: number };

/** @returns undefined when the text is neither a calendar unit nor a duration. */
export function readPeriod(text: string): PeriodSpec | undefined {
  const unit = UNITS.find((one) => one === text);
  if (unit) return { kind: 'whole', unit };
  const lengthMs = parseDurationMs(text);
  return lengthMs === undefined ? undefined : { kind: 'last', lengthMs };
}

const reportSchema = mapping({
  name: z
    .string({ error: 'must be a name of its own' })
    .regex(REPORT_NAME, { error: 'must be 1 to 63 lower-case letters, digits, dots, dashes and underscores' })
    .describe('A name of its own. A report of another name is another report: it is sent again.'),
  cron: cron.describe('When it is sent: `"0 7 1 * *"`.').meta({ examples: ['0 7 1 * *'] }),
  timezone: timezoneSchema
    .default('UTC')
    .describe('In which `cron`, the period, and every date of the report are meant.'),
  period: period
    .default('month')
    .describe(
      'What it reports on. `day`, `week`, `month`, `quarter`, `year`: the last whole one. `90d`: so long before it is sent.',
    ),
  channel: name('the name of an e-mail channel').describe(
    'An e-mail channel of `notify`, whose server and sender are taken.',
  ),
  to: z
    .array(name('a mail address'), { error: 'must be a list of mail addresses' })
    .min(1, { error: 'is empty; write at least one mail address, or leave it out' })
    .optional()
    .describe('Who gets it. Default: those of the channel.'),
  format: oneOf(RENDERED_FORMATS)
    .default('html')
    .describe('The form of the file that comes with the mail, which itself tells the gist.'),
  targetShare: z
    .union([z.string(), z.number()], { error: 'must be a share such as 99% or 0.99' })
    .superRefine((value, context) => {
      if (parseTargetShare(value) !== undefined) return;
      const message = `must be a share from 50% to 100% such as 99% or 0.99, not ${JSON.stringify(value)}`;
      context.addIssue({ code: 'custom', message });
    })
    .optional()
    .describe('The share of runs that is to keep each objective: the error budget is what it leaves. Default: `95%`.')
    .meta({ examples: ['99%'] }),
  tier: wholeNumber(0, 9).optional().describe('Of drills of this tier only.'),
  owner: name('a team or person').optional().describe('Of drills of this owner only.'),
});

export const reportsSchema = z.array(reportSchema, { error: 'must be a list of reports' });

export type ReportFile = z.output<typeof reportSchema>;
