import type { RunRecord } from '../record/run-record.ts';
import type { Report } from './report.ts';

interface FormatBase {
  /** File extensions, without a dot; the first is its name for `--format`, settings and addresses. */
  readonly extensions: readonly [string, ...string[]];
  readonly mediaType: string;
  /** `Markdown`, for links. */
  readonly title: string;
  /** Whether it is binary: it can only be written to files. */
  readonly isBinary?: boolean;
  /** Whether this host can produce it. Default: always. */
  isAvailable?(): Promise<boolean>;
}

/** Where the evidence of a report is, if it is not included. */
export interface EvidenceFile {
  readonly name: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface Made {
  /** Firedrill's version. */
  readonly version: string;
  /** Undefined: the report contains it, if its format can. */
  readonly evidence?: EvidenceFile | undefined;
  /** A sentence above the report, for formats that have room for one. */
  readonly note?: string | undefined;
  /** Aborts rendering by another program; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Renders the report itself. Can be mailed. */
export interface RenderedFormat extends FormatBase {
  readonly from: 'report';
  /** MUST load its drawing and writing code here, so that commands that make no report do not wait for it. */
  render(report: Report, made: Made): Promise<string | Uint8Array>;
  /** Renders only the evidence, for a separate file. */
  renderEvidence?(report: Report, made: Made): Promise<string>;
}

/** A format that renders text. */
export interface TextFormat extends RenderedFormat {
  render(report: Report, made: Made): Promise<string>;
}

/** Writes every run of the period instead, in batches, for any number of runs. */
export interface ExportedFormat extends FormatBase {
  readonly from: 'runs';
  /** @param runs by drill and oldest first, without secrets. MUST keep no more than one batch in memory. */
  write(runs: AsyncIterable<readonly RunRecord[]>): AsyncIterable<string | Uint8Array>;
}

/** A format in which a report is available. */
export type ReportFormatKind = RenderedFormat | ExportedFormat;
