import type { Report } from '../report.ts';

/** The formats of a report; `csv` is made from the runs themselves, see `exportRuns`. */
export const REPORT_FORMATS = ['html', 'md', 'json', 'csv'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Renders the report in a format. Each format's modules are loaded on first use. */
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
