import type { z } from 'zod';
import { REPORT_FORMAT_KINDS, type ReportFormat } from '../../report/format-registry.ts';
import { html, type Markup } from '../../support/html.ts';
import type { reportQuery } from '../api/request-schemas.ts';
import type { ReportQuery } from '../deps.ts';
import { layout, type View } from '../layout.ts';

const DAY_MS = 86_400_000;
const PERIODS = [
  ['7d', '7 days', 7],
  ['30d', '30 days', 30],
  ['90d', '90 days', 90],
  ['365d', 'a year', 365],
] as const;

type ReportAsked = z.output<typeof reportQuery>;

export interface ChosenReport {
  readonly query: ReportQuery;
  /** `90d`, or `2026-10` for a month; as in the form. */
  readonly period: string;
}

/** The report requested by the URL; a month takes precedence over a period. */
export function chooseReport({ month, period: wanted, tier, owner }: ReportAsked, now: Date): ChosenReport {
  if (month !== undefined) {
    const [year, number] = month.split('-').map(Number);
    const from = new Date(Date.UTC(year ?? 0, (number ?? 1) - 1, 1));
    const to = new Date(Date.UTC(year ?? 0, number ?? 1, 1));
    return { period: month, query: { from, to: to > now ? now : to, tier, owner } };
  }
  const [period, , days] = PERIODS.find(([key]) => key === wanted) ?? PERIODS[2];
  return { period, query: { from: new Date(now.getTime() - days * DAY_MS), to: now, tier, owner } };
}

/** @param report already rendered. @param formats in which it is available as a file. */
export function reportPage(view: View, chosen: ChosenReport, report: Markup, formats: readonly ReportFormat[]): Markup {
  const { period, query } = chosen;
  const isMonth = /^\d{4}-/.test(period);
  const form = html`<form class="filter" method="get" action="/report" role="search" aria-label="Period of the report">
<label>Period <select name="period">${PERIODS.map(([key, words]) => html`<option value="${key}"${key === period && html` selected`}>${words}</option>`)}</select></label>
<label>or month <input name="month" type="text" inputmode="numeric" placeholder="2026-10" pattern="\\d{4}-\\d{2}" size="8"${isMonth && html` value="${period}"`}></label>
<label>Tier <input name="tier" type="text" inputmode="numeric" pattern="\\d" size="2"${query.tier !== undefined && html` value="${query.tier}"`}></label>
<label>Owner <input name="owner" type="text" size="12"${query.owner !== undefined && html` value="${view.show(query.owner, 100)}"`}></label>
<button type="submit">Show</button></form>`;
  const asked = new URLSearchParams({ [isMonth ? 'month' : 'period']: period });
  if (query.tier !== undefined) asked.set('tier', String(query.tier));
  if (query.owner !== undefined) asked.set('owner', query.owner);
  const files = formats.map(
    (format) =>
      html`<a href="/report/report.${format}?${asked.toString()}" download>${REPORT_FORMAT_KINDS[format].title}</a> `,
  );
  return layout(view, {
    title: 'Report',
    current: 'report',
    body: html`<div class="report-head"><h1>Report</h1>${form}<p class="pager">With evidence: ${files}</p></div><div class="report">${report}</div>`,
  });
}
