import type { Context } from 'hono';
import type { ReportFormat } from '../../report/render/render.ts';
import type { DashboardDeps, ReportQuery } from '../deps.ts';
import { streamResponse } from './stream-response.ts';

const CONTENT_TYPES: Readonly<Record<ReportFormat, string>> = {
  html: 'text/html; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
};

/** The report as a file, without secrets. */
export function answerReport(
  context: Context,
  deps: Pick<DashboardDeps, 'reports' | 'redact' | 'onError'>,
  query: ReportQuery,
  format: ReportFormat,
): Promise<Response> {
  context.header('Content-Type', CONTENT_TYPES[format]);
  return streamResponse(context, deps, deps.reports.exportReport(query, format));
}
