import { type Child, html, type Markup } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { colour } from '../charts/palette.ts';
import type { Report } from '../report.ts';
import type { Measure } from '../report-attainment.ts';
import type { Trend, TrendPoint } from '../report-trend.ts';
import { describeScope, titleOf } from './titles.ts';
import { formatMeasure, formatMs, formatTargetShare } from './vocabulary.ts';

/** A report as an email: a summary, with charts that every mail client shows. The full report is attached as a file. */
export interface ReportMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const TONES = { bad: '#d64545', warn: '#c98a1b', good: '#3a9d5d', plain: '#7a8699' } as const;
const REST = '#c9d0d8';
const MAX_DRILLS = 12;
const MAX_BARS = 24;
const BAR_HEIGHT = 36;

/**
 * Charts are built from table cells: Gmail and Outlook do not show SVG, no client runs scripts, and most show pictures only on request.
 * Colours are middle tones that are legible on white and on black, styles are inline, and the mail stays below the 102 kB at which Gmail clips it.
 * @param publicUrl without a trailing slash; undefined: there are no pages.
 */
export function renderReportMail(report: Report, made: { readonly version: string }, publicUrl?: string): ReportMail {
  return {
    subject: `${titleOf(report)}: ${describeProven(report)}`,
    text: toText(report, made),
    html: toHtml(report, made, publicUrl),
  };
}

function toText(report: Report, { version }: { readonly version: string }): string {
  const { headline, attainment } = report;
  const { rto, rpo, data } = attainment.all.total;
  const blocks = [
    headline.text,
    [
      `Within RTO: ${formatMeasure(rto)}`,
      `Within RPO: ${formatMeasure(rpo)}`,
      `Right data: ${formatMeasure(data)}`,
    ].join('\n'),
    headline.statements.map(({ text }) => `- ${text}`).join('\n'),
    chosen(report)
      .map(
        ({ drill, recovery, rtoMs }) =>
          `${drill}: median ${formatMs(recovery.medianMs)}, target ${formatDuration(rtoMs)}`,
      )
      .join('\n'),
    'The whole report is attached.',
    `-- \nFiredrill ${version}; ${describeScope(report)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function toHtml(report: Report, { version }: { readonly version: string }, publicUrl: string | undefined): string {
  const { headline, attainment } = report;
  const { rto, rpo, data } = attainment.all.total;
  const statements = headline.statements.slice(0, MAX_DRILLS).map(({ text }) => html`<li>${text}</li>`);
  const trends = chosen(report);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${titleOf(report)}</title><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></head>
<body style="font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;margin:0;padding:16px">
<h1 style="font-size:20px;line-height:1.3;margin:0 0 4px">${titleOf(report)}</h1>
<p style="margin:0 0 16px;color:${TONES.plain}">${describeScope(report)}</p>
<p style="font-size:16px;margin:0 0 16px;padding-left:12px;border-left:4px solid ${TONES[headline.tone]}">${headline.text}</p>
<table style="border-collapse:collapse;margin:0 0 16px">
${shareRow('Within RTO', rto, attainment.targetShare)}${shareRow('Within RPO', rpo, attainment.targetShare)}${shareRow('Right data', data, attainment.targetShare)}</table>
${statements.length > 0 && html`<h2 style="font-size:16px;margin:0 0 4px">What needs attention</h2><ul style="margin:0 0 16px;padding-left:20px">${statements}</ul>`}
${trends.length > 0 && html`<h2 style="font-size:16px;margin:0 0 4px">Recovery times</h2><table style="border-collapse:collapse;margin:0 0 16px">${trends.map(trendRow)}</table>`}
<p style="margin:0 0 8px">The whole report is attached${publicUrl !== undefined && html`; drills and runs are at <a href="${publicUrl}/">${publicUrl}</a>`}.</p>
<p style="margin:16px 0 0;font-size:12px;color:${TONES.plain}">Firedrill ${version}. In the rows of recovery times, each bar is a run or the slowest of several, oldest first; red: one failed; grey: none was timed.</p>
</body></html>
`;
  return page.toString();
}

/** Trends with a statement in the headline come first. */
function chosen({ trends, headline }: Report): readonly Trend[] {
  const byName = new Map(trends.map((trend) => [trend.drill, trend]));
  const named = headline.statements.flatMap(({ drill }) => byName.get(drill) ?? []);
  return [...new Set([...named, ...trends])].slice(0, MAX_DRILLS);
}

function shareRow(name: string, measure: Measure, targetShare: number): Markup {
  const { share } = measure;
  const tone = share === undefined ? REST : share >= targetShare ? TONES.good : TONES.bad;
  const width = Math.round((share ?? 0) * 200);
  return html`<tr><td style="padding:3px 12px 3px 0">${name}</td><td style="padding:3px 12px 3px 0"><table role="presentation" cellpadding="0" cellspacing="0" width="200"><tr>${block(tone, width, 12)}${block(REST, 200 - width, 12)}</tr></table></td><td style="padding:3px 0"><b>${formatMeasure(measure)}</b>, target ${formatTargetShare(targetShare)}</td></tr>`;
}

function trendRow(trend: Trend): Markup {
  const { drill, points, recovery, rtoMs } = trend;
  const perBar = Math.max(1, Math.ceil(points.length / MAX_BARS));
  const top = Math.max(rtoMs, ...points.map(({ recoveryTimeMs }) => recoveryTimeMs ?? 0));
  const bars = Array.from({ length: Math.ceil(points.length / perBar) }, (_, index) =>
    bar(points.slice(index * perBar, (index + 1) * perBar), top),
  );
  const median = `median ${formatMs(recovery.medianMs)}, target ${formatDuration(rtoMs)}`;
  return html`<tr><td style="padding:4px 12px 4px 0;vertical-align:bottom"><b>${drill}</b></td><td style="padding:4px 12px 4px 0;vertical-align:bottom"><table role="presentation" cellpadding="0" cellspacing="0"><tr>${bars}</tr></table></td><td style="padding:4px 0;vertical-align:bottom">${median}<br>${trend.change.sentence}</td></tr>`;
}

/** The slowest of the runs; red when one of them failed. */
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

function describeProven({ headline, drillCount }: Report): string {
  return drillCount === 0 ? headline.text : `${headline.provenCount} of ${drillCount} proven recoverable`;
}
