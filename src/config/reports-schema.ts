import { z } from 'zod';
import { RENDERED_FORMATS } from '../report/format-registry.ts';
import { parseDurationMs, parseTargetShare } from '../support/quantities.ts';
import { mapping, name, oneOf, wholeNumber } from './fields.ts';
import { cron, timezoneSchema } from './schedule-schema.ts';

/** `reports:` in firedrill.yaml: scheduled reports by e-mail. {@link file://./resolve-reports.ts} makes ReportSpecs of it. */

const REPORT_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
const PERIOD_HELP = 'day, week, month, quarter, year or a duration such as 90d';

const period = z.string({ error: `must be ${PERIOD_HELP}` }).refine((text) => readPeriod(text) !== undefined, {
  error: ({ input }) => `${JSON.stringify(input)} is not a period; write ${PERIOD_HELP}`,
});

export type PeriodSpec =
  | { readonly kind: 'whole'; readonly unit: (typeof UNITS)[number] }
  | { readonly kind: 'last'; readonly lengthMs: number };

/** @returns undefined if the text is neither a calendar unit nor a duration. */
export function readPeriod(text: string): PeriodSpec | undefined {
  const unit = UNITS.find((one) => one === text);
  if (unit) return { kind: 'whole', unit };
  const lengthMs = parseDurationMs(text);
  return lengthMs === undefined ? undefined : { kind: 'last', lengthMs };
}

const reportSchema = mapping({
  name: z
    .string({ error: 'must be a unique name' })
    .regex(REPORT_NAME, { error: 'must be 1 to 63 lower-case letters, digits, dots, dashes and underscores' })
    .describe('A unique name. A renamed report is a new one: it is sent again.'),
  cron: cron.describe('When it is sent: `"0 7 1 * *"`.').meta({ examples: ['0 7 1 * *'] }),
  timezone: timezoneSchema.default('UTC').describe('Time zone of `cron`, the period and every date in the report.'),
  period: period
    .default('month')
    .describe(
      'The period it covers. `day`, `week`, `month`, `quarter`, `year`: the last complete one. `90d`: the 90 days before it is sent.',
    ),
  channel: name('the name of an e-mail channel').describe('An e-mail channel of `notify`, for its server and sender.'),
  to: z
    .array(name('a mail address'), { error: 'must be a list of mail addresses' })
    .min(1, { error: 'is empty; write at least one mail address, or leave it out' })
    .optional()
    .describe('Recipients. Default: those of the channel.'),
  format: oneOf(RENDERED_FORMATS)
    .default('html')
    .describe('Format of the attached file; the mail itself has a summary.'),
  targetShare: z
    .union([z.string(), z.number()], { error: 'must be a share such as 99% or 0.99' })
    .superRefine((value, context) => {
      if (parseTargetShare(value) !== undefined) return;
      const message = `must be a share from 50% to 100% such as 99% or 0.99, not ${JSON.stringify(value)}`;
      context.addIssue({ code: 'custom', message });
    })
    .optional()
    .describe('Share of runs that must meet each objective; the rest is the error budget. Default: `95%`.')
    .meta({ examples: ['99%'] }),
  tier: wholeNumber(0, 9).optional().describe('Only drills of this tier.'),
  owner: name('a team or person').optional().describe('Only drills of this owner.'),
});

export const reportsSchema = z.array(reportSchema, { error: 'must be a list of reports' });

export type ReportFile = z.output<typeof reportSchema>;
