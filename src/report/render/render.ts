import type { Report } from '../report.ts';

/** What a report can be had as; `csv` is made of the runs themselves: see `exportRuns`. */
export const REPORT_FORMATS = ['html', 'md', 'json', 'csv'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** The report in a form. What a form needs is loaded when it is first used. */
export async function renderReport(
  report: Report,
  format: Exclude<ReportFormat, 'csv'>,
  made: { readonly version: string },
): Promise<string> {
  switch (format) {
    case 'html':
      return (await import('./render-html.ts')).renderHtml(report, made);
    case 'md':
      return (await import('./markdown.ts')).renderMarkdown(report, made);
    case 'json':
      return (await import('./json.ts')).renderJson(report, made);
  }
}
