import type { Context } from 'hono';
import { REPORT_FORMAT_KINDS, type ReportFormat } from '../../report/format-registry.ts';
import type { DashboardDeps, ReportQuery } from '../deps.ts';
import { streamResponse } from './stream-response.ts';

/** As nginx has it in its log; nobody receives it. */
const CLOSED_BY_CLIENT = 499;

/** The report as a file, without secrets. It is given up when the client closes the connection. */
export async function answerReport(
  context: Context,
  deps: Pick<DashboardDeps, 'reports' | 'redact' | 'onError'>,
  query: ReportQuery,
  format: ReportFormat,
): Promise<Response> {
  context.header('Content-Type', REPORT_FORMAT_KINDS[format].mediaType);
  const { signal } = context.req.raw;
  try {
    return await streamResponse(context, deps, deps.reports.exportReport(query, format, signal));
  } catch (error) {
    if (signal.aborted) return new Response(undefined, { status: CLOSED_BY_CLIENT });
    throw error;
  }
}
