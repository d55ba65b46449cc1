import type { ReportSpec } from '../../../config/resolve-reports.ts';
import { lastPeriod, lastWhole } from '../../../report/choose-period.ts';
import type { Made, RenderedFormat } from '../../../report/format-kind.ts';
import { REPORT_FORMAT_KINDS, type RenderedName } from '../../../report/format-registry.ts';
import type { ReportRequest } from '../../../report/input.ts';
import { formatIsoDate } from '../../../report/render/vocabulary.ts';
import { renderOrHtml } from '../../../report/render-or-html.ts';
import type { Report } from '../../../report/report.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { Channel } from '../../channel.ts';
import type { Notification } from '../../notification.ts';
import { channelOfReport } from '../../report-scheduler.ts';
import { digestOf } from './email-channel.ts';
import type { EmailSpec } from './email-spec.ts';
import { domainOf, type Mail, type SmtpDeps, sendMail } from './smtp.ts';

export interface ReportChannelDeps extends SmtpDeps {
  readonly version: string;
  /** Without a trailing slash. */
  readonly publicUrl: string | undefined;
  /** Builds the report from history and the current configuration. */
  readonly read: (request: ReportRequest) => Promise<Report>;
}

/** Mail servers refuse messages larger than about 10 MB, and an attachment grows by a third in transit. */
const EVIDENCE_LIMIT = 300;
const MAX_SUBJECT = 200;

/** Builds and mails a configured report for the instant at which it was due, so that a retry covers the same period. */
export function createReportChannel(spec: ReportSpec, email: EmailSpec, deps: ReportChannelDeps): Channel {
  return {
    name: channelOfReport(spec),
    type: 'email',
    takes: () => false, // notifications go through the e-mail channel itself
    send: async (notification, signal) => {
      const report = await deps.read(requestOf(spec, new Date(notification.at)));
      signal.throwIfAborted();
      await sendMail(email, await toMail(report, notification, spec, email, { ...deps, signal }), deps, signal);
    },
  };
}

function requestOf({ period, timezone, tier, owner, targetShare }: ReportSpec, dueAt: Date): ReportRequest {
  return {
    asOf: dueAt,
    period:
      period.kind === 'whole' ? lastWhole(period.unit, dueAt, timezone) : lastPeriod(period.lengthMs, dueAt, timezone),
    filter: { tier, owner },
    options: { evidenceLimit: EVIDENCE_LIMIT, ...(targetShare === undefined ? {} : { targetShare }) },
  };
}

async function toMail(
  report: Report,
  { id }: Notification,
  { name, format: wanted, to }: ReportSpec,
  email: EmailSpec,
  { version, publicUrl, signal }: ReportChannelDeps & { readonly signal: AbortSignal },
): Promise<Mail> {
  const { renderReportMail } = await import('../../../report/render/mail.ts');
  const { format, made, note } = await renderAttachment(report, wanted, { version, signal });
  const { subject, text, html } = renderReportMail(report, { version, note }, publicUrl);
  const { mediaType } = REPORT_FORMAT_KINDS[format];
  const content = typeof made === 'string' ? made : Buffer.from(made);
  const { from, zone } = report.period;
  const domain = domainOf(email);
  return {
    to: to ?? email.to,
    subject: toPrintable(subject, MAX_SUBJECT),
    messageId: `<firedrill.${digestOf(id)}@${domain}>`,
    thread: `<firedrill.report.${digestOf(name)}@${domain}>`,
    text,
    html,
    attachments: [
      { filename: `recovery-report-${formatIsoDate(from, zone)}.${format}`, contentType: mediaType, content },
    ],
  };
}

interface Attachment {
  readonly format: RenderedName;
  readonly made: string | Uint8Array;
  /** Why it is not in the configured format. */
  readonly note?: string;
}

/** A report that this host cannot render in the configured format is sent as a page, which is better than no report. */
async function renderAttachment(report: Report, wanted: RenderedName, made: Made): Promise<Attachment> {
  const kind: RenderedFormat = REPORT_FORMAT_KINDS[wanted];
  const { html } = REPORT_FORMAT_KINDS;
  const isAble = (await kind.isAvailable?.()) ?? true;
  const { content, problem } = await renderOrHtml(report, isAble ? kind : html, made);
  const why = isAble ? problem?.message : 'run firedrill doctor there to see what is missing';
  if (why === undefined) return { format: wanted, made: content };
  const note = `It is attached as ${html.title}, because this host cannot make a ${kind.title}: ${why.replace(/\.$/, '')}.`;
  return { format: 'html', made: content, note };
}
