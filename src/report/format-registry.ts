import type { ReportFormatKind } from './format-kind.ts';
import { csv } from './formats/csv.ts';
import { html } from './formats/html.ts';
import { json } from './formats/json.ts';
import { md } from './formats/md.ts';

/** Every format of a report, one line each, in the order in which they are offered. */
const KINDS = { html, md, json, csv };

type Kinds = typeof KINDS;
export type ReportFormat = keyof Kinds;
/** The formats that mails can carry: those that render the report itself. */
export type RenderedName = { [F in ReportFormat]: Kinds[F]['from'] extends 'report' ? F : never }[ReportFormat];

export const REPORT_FORMAT_KINDS: Kinds & Readonly<Record<ReportFormat, ReportFormatKind>> = KINDS;

export const REPORT_FORMATS = Object.keys(KINDS) as [ReportFormat, ...ReportFormat[]];

export const RENDERED_FORMATS = REPORT_FORMATS.filter(isRendered) as [RenderedName, ...RenderedName[]];

/** @param extension of a file, without a dot, in any case. @returns undefined for one that no format has. */
export function formatWithExtension(extension: string): ReportFormat | undefined {
  const wanted = extension.toLowerCase();
  return REPORT_FORMATS.find((format) => REPORT_FORMAT_KINDS[format].extensions.some((one) => one === wanted));
}

function isRendered(format: ReportFormat): format is RenderedName {
  return REPORT_FORMAT_KINDS[format].from === 'report';
}
