import type { Context } from 'hono';
import { REPORT_FORMAT_KINDS, type ReportFormat } from '../../report/format-registry.ts';
import type { DashboardDeps, ReportQuery } from '../deps.ts';
import { streamResponse } from './stream-response.ts';

/** The status that nginx logs in this case; no client receives it. */
const CLOSED_BY_CLIENT = 499;

/**
 * The report as a file, without secrets. Aborted when the client closes the connection.
 * @param name of the download, without extension; undefined: not a download.
 */
export async function answerReport(
  context: Context,
  deps: Pick<DashboardDeps, 'reports' | 'redact' | 'onError'>,
  query: ReportQuery,
  { format: wanted, name }: { readonly format: ReportFormat; readonly name?: string },
): Promise<Response> {
  const { signal } = context.req.raw;
  try {
    const { format, pieces } = await deps.reports.exportReport(query, wanted, signal);
    context.header('Content-Type', REPORT_FORMAT_KINDS[format].mediaType);
    if (name !== undefined) context.header('Content-Disposition', `attachment; filename="${name}.${format}"`);
    return await streamResponse(context, deps, pieces);
  } catch (error) {
    if (signal.aborted) return new Response(undefined, { status: CLOSED_BY_CLIENT });
    throw error;
  }
}
