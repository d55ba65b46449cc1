import type { RunRecord } from '../record/run-record.ts';
import type { Report } from './report.ts';

interface FormatBase {
  /** Of files, without a dot; the first is its name for `--format`, settings and addresses. */
  readonly extensions: readonly [string, ...string[]];
  readonly mediaType: string;
  /** `Markdown`, for links. */
  readonly title: string;
  /** Whether it is bytes, not text: it is written to files only. */
  readonly isBinary?: boolean;
  /** Whether this host can make it. Default: always. */
  isAvailable?(): Promise<boolean>;
}

/** Where the evidence of a report is, if not in it. */
export interface EvidenceFile {
  readonly name: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface Made {
  /** Of Firedrill. */
  readonly version: string;
  /** undefined: the report holds it, as far as its format does. */
  readonly evidence?: EvidenceFile | undefined;
  /** A sentence above the report, in a format that has room for one. */
  readonly note?: string | undefined;
  /** Ends what another program renders; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Renders the report itself. Mails can carry it. */
export interface RenderedFormat extends FormatBase {
  readonly from: 'report';
  /** MUST load what draws and writes it here, so that commands that make no report do not wait for it. */
  render(report: Report, made: Made): Promise<string | Uint8Array>;
  /** Renders the evidence alone, for a file of its own. */
  renderEvidence?(report: Report, made: Made): Promise<string>;
}

/** One that renders text. */
export interface TextFormat extends RenderedFormat {
  render(report: Report, made: Made): Promise<string>;
}

/** Writes every run of the period instead, in portions, however many there are. */
export interface ExportedFormat extends FormatBase {
  readonly from: 'runs';
  /** @param runs by drill and oldest first, without secrets. MUST keep no more than a portion in memory. */
  write(runs: AsyncIterable<readonly RunRecord[]>): AsyncIterable<string | Uint8Array>;
}

/** A form in which a report can be had. */
export type ReportFormatKind = RenderedFormat | ExportedFormat;
