import { type Child, html, type Markup } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { colour } from '../charts/palette.ts';
import type { Report } from '../report.ts';
import type { Trend, TrendPoint } from '../report-trend.ts';
import { MAX_TRENDS, mostTelling } from '../telling-trends.ts';
import { describeUnusual } from './provider-section.ts';
import {
  clip,
  describeProven,
  describeSince,
  failingNow,
  formatHeadroom,
  groupGaps,
  nameSome,
  summaryTiles,
  type Tile,
} from './summary.ts';
import { describeScope, titleOf } from './titles.ts';
import { formatMs } from './vocabulary.ts';

/** A report as an email: a summary, with charts that every mail client shows. The full report is attached as a file. */
export interface ReportMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

interface MadeMail {
  /** Firedrill's version. */
  readonly version: string;
  /** More about the attachment; undefined: it is in the configured format. */
  readonly note?: string | undefined;
}

const TONES = { bad: '#d64545', warn: '#c98a1b', good: '#3a9d5d', plain: '#7a8699' } as const;
const REST = '#c9d0d8';
const MAX_ROWS = 40;
const MAX_BARS = 24;
const BAR_HEIGHT = 36;

/**
 * Charts are built from table cells: Gmail and Outlook do not show SVG, no client runs scripts, and most show images only on request. Colours are mid-tones
 * that are legible on white and on black, styles are inline, and the mail stays below the 102 kB at which Gmail clips it.
 * @param publicUrl without a trailing slash; undefined: there are no pages.
 */
export function renderReportMail(report: Report, made: MadeMail, publicUrl?: string): ReportMail {
  return {
    subject: `${titleOf(report)}: ${describeCount(report)}`,
    text: toText(report, made),
    html: toHtml(report, made, publicUrl),
  };
}

function toText(report: Report, { version, note = '' }: MadeMail): string {
  const { zone } = report.period;
  const blocks = [
    report.headline.text,
    summaryTiles(report).map(describeTile).join('\n'),
    listText('What fails', failingLines(report)) || 'Nothing fails.',
    listText('What is not covered', uncoveredLines(report)),
    describeUnusual(report) ?? '',
    report.drills
      .slice(0, MAX_ROWS)
      .map(
        (row) =>
          `${row.drill}: proven ${describeProven(row, zone)}, median ${formatMs(row.recovery.medianMs)}, RTO ${formatMs(row.rtoMs)}, headroom ${formatHeadroom(row.headroom)}`,
      )
      .join('\n'),
    `The whole report is attached. ${note}`.trim(),
    `-- \nFiredrill ${version}; ${describeScope(report)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** `Within RTO: 97.2 % (↑ from 96.8 %; target 95 %)`. */
function describeTile({ label, value, change, note }: Tile): string {
  const more = [change, note].filter((part) => part !== undefined).join('; ');
  return `${label}: ${value}${more === '' ? '' : ` (${more})`}`;
}

function listText(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

function failingLines(report: Report): readonly string[] {
  return failingNow(report)
    .slice(0, MAX_ROWS)
    .map((one) => `${one.drill} (${describeSince(one, report.period.zone)}): ${clip(one.last.sentence, 140)}`);
}

function uncoveredLines(report: Report): readonly string[] {
  const found = report.discovery?.gaps ?? [];
  return [
    ...groupGaps(report).map(({ words, drills }) => `${words}: ${nameSome(drills, 8)}`),
    ...(found.length > 0 ? [`backups and databases without a drill: ${found.length}`] : []),
  ];
}

function toHtml(report: Report, { version, note }: MadeMail, publicUrl: string | undefined): string {
  const { headline } = report;
  const trends = mostTelling(report, MAX_TRENDS);
  const failing = failingLines(report);
  const unusual = describeUnusual(report);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${titleOf(report)}</title><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></head>
<body style="font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;margin:0;padding:16px">
<h1 style="font-size:20px;line-height:1.3;margin:0 0 4px">${titleOf(report)}</h1>
<p style="margin:0 0 16px;color:${TONES.plain}">${describeScope(report)}</p>
<p style="font-size:16px;margin:0 0 16px;padding-left:12px;border-left:4px solid ${TONES[headline.tone]}"><b>${headline.text}</b></p>
<table style="border-collapse:collapse;margin:0 0 16px">${summaryTiles(report).map(tileRow)}</table>
${failing.length === 0 ? html`<p style="margin:0 0 16px">Nothing fails.</p>` : listHtml('What fails', failing)}
${listHtml('What is not covered', uncoveredLines(report))}
${unusual !== undefined && html`<p style="margin:0 0 16px;padding-left:12px;border-left:4px solid ${TONES.warn}">${unusual}</p>`}
${trends.length > 0 && html`<h2 style="font-size:16px;margin:0 0 4px">Recovery times</h2><table style="border-collapse:collapse;margin:0 0 16px">${trends.map(trendRow)}</table>`}
<p style="margin:0 0 8px">The whole report is attached${publicUrl !== undefined && html`; drills and runs are at <a href="${publicUrl}/">${publicUrl}</a>`}.${note !== undefined && html` ${note}`}</p>
<p style="margin:16px 0 0;font-size:12px;color:${TONES.plain}">Firedrill ${version}. In the rows of recovery times, each bar is a run or the slowest of several, oldest first; red: one failed; grey: none was timed.</p>
</body></html>
`;
  return page.toString();
}

function listHtml(title: string, lines: readonly string[]): Child {
  return (
    lines.length > 0 &&
    html`<h2 style="font-size:16px;margin:0 0 4px">${title}</h2><ul style="margin:0 0 16px;padding-left:20px">${lines.map((line) => html`<li>${line}</li>`)}</ul>`
  );
}

function tileRow({ label, value, change, note, tone }: Tile): Markup {
  const colours = { good: TONES.good, bad: TONES.bad, warn: TONES.warn };
  return html`<tr><td style="padding:3px 12px 3px 8px;border-left:4px solid ${tone ? colours[tone] : REST}">${label}</td><td style="padding:3px 12px 3px 0"><b>${value}</b></td><td style="padding:3px 12px 3px 0">${change ?? ''}</td><td style="padding:3px 0;color:${TONES.plain}">${note ?? ''}</td></tr>`;
}

function trendRow(trend: Trend): Markup {
  const { drill, points, recovery, rtoMs } = trend;
  const perBar = Math.max(1, Math.ceil(points.length / MAX_BARS));
  const top = Math.max(rtoMs, ...points.map(({ recoveryTimeMs }) => recoveryTimeMs ?? 0));
  const bars = Array.from({ length: Math.ceil(points.length / perBar) }, (_, index) =>
    bar(points.slice(index * perBar, (index + 1) * perBar), top),
  );
  const median = `median ${formatMs(recovery.medianMs)}, RTO ${formatDuration(rtoMs)}`;
  return html`<tr><td style="padding:4px 12px 4px 0;vertical-align:bottom"><b>${drill}</b></td><td style="padding:4px 12px 4px 0;vertical-align:bottom"><table role="presentation" cellpadding="0" cellspacing="0"><tr>${bars}</tr></table></td><td style="padding:4px 0;vertical-align:bottom">${median}<br>${trend.change.sentence}</td></tr>`;
}

/** The slowest of the runs; red if one of them failed. */
function bar(points: readonly TrendPoint[], topMs: number): Markup {
  const slowestMs = Math.max(...points.map(({ recoveryTimeMs }) => recoveryTimeMs ?? 0));
  const hasFailed = points.some(({ failed }) => failed > 0);
  const tone = hasFailed ? TONES.bad : slowestMs > 0 ? colour('restore') : REST;
  const height = Math.max(3, Math.round((slowestMs / topMs) * BAR_HEIGHT));
  return html`<td valign="bottom" style="padding:0 1px 0 0"><table role="presentation" cellpadding="0" cellspacing="0"><tr>${block(tone, 6, height)}</tr></table></td>`;
}

function block(background: string, width: number, height: number): Child {
  return (
    width > 0 &&
    html`<td bgcolor="${background}" width="${width}" height="${height}" style="font-size:0;line-height:0">&nbsp;</td>`
  );
}

function describeCount({ headline, drillCount }: Report): string {
  return drillCount === 0 ? headline.text : `${headline.provenCount} of ${drillCount} proven recoverable`;
}
