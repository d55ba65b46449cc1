import type { RunRecord } from '../record/run-record.ts';
import type { Report } from './report.ts';

interface FormatBase {
  /** Of files, without a dot; the first is its name for `--format`, settings and addresses. */
  readonly extensions: readonly [string, ...string[]];
  readonly mediaType: string;
  /** `Markdown`, for links. */
  readonly title: string;
}

/** Renders the report itself. Mails can carry it. */
export interface RenderedFormat extends FormatBase {
  readonly from: 'report';
  /** MUST load what draws and writes it here, so that commands that make no report do not wait for it. */
  render(report: Report, made: { readonly version: string }): Promise<string>;
}

/** Writes every run of the period instead, in portions, however many there are. */
export interface ExportedFormat extends FormatBase {
  readonly from: 'runs';
  /** @param runs by drill and oldest first, without secrets. MUST keep no more than a portion in memory. */
  write(runs: AsyncIterable<readonly RunRecord[]>): AsyncIterable<string>;
}

/** A form in which a report can be had. */
export type ReportFormatKind = RenderedFormat | ExportedFormat;
