import type { Context } from 'hono';
import { REPORT_FORMAT_KINDS, type ReportFormat } from '../../report/format-registry.ts';
import type { DashboardDeps, ReportQuery } from '../deps.ts';
import { streamResponse } from './stream-response.ts';

/** The report as a file, without secrets. */
export function answerReport(
  context: Context,
  deps: Pick<DashboardDeps, 'reports' | 'redact' | 'onError'>,
  query: ReportQuery,
  format: ReportFormat,
): Promise<Response> {
  context.header('Content-Type', REPORT_FORMAT_KINDS[format].mediaType);
  return streamResponse(context, deps, deps.reports.exportReport(query, format));
}
