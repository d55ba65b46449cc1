import type { ReportFormatKind } from './format-kind.ts';
import { csv } from './formats/csv.ts';
import { html } from './formats/html.ts';
import { json } from './formats/json.ts';
import { md } from './formats/md.ts';
import { pdf } from './formats/pdf.ts';
import { xlsx } from './formats/xlsx.ts';

/** Every format of a report, one line each, in the order in which they are offered. */
const KINDS = { html, pdf, md, json, xlsx, csv };

type Kinds = typeof KINDS;
export type ReportFormat = keyof Kinds;
/** The formats that can be mailed: those that render the report itself. */
export type RenderedName = { [F in ReportFormat]: Kinds[F]['from'] extends 'report' ? F : never }[ReportFormat];

export const REPORT_FORMAT_KINDS: Kinds & Readonly<Record<ReportFormat, ReportFormatKind>> = KINDS;

export const REPORT_FORMATS = Object.keys(KINDS) as [ReportFormat, ...ReportFormat[]];

export const RENDERED_FORMATS = REPORT_FORMATS.filter(isRendered) as [RenderedName, ...RenderedName[]];

/** The formats that this host can produce. */
export async function availableFormats(): Promise<readonly ReportFormat[]> {
  const able = await Promise.all(REPORT_FORMATS.map(async (format) => (await kindOf(format).isAvailable?.()) ?? true));
  return REPORT_FORMATS.filter((_, index) => able[index]);
}

function kindOf(format: ReportFormat): ReportFormatKind {
  return REPORT_FORMAT_KINDS[format];
}

/** @param extension of a file, without a dot, in any case. @returns undefined if no format has it. */
export function formatWithExtension(extension: string): ReportFormat | undefined {
  const wanted = extension.toLowerCase();
  return REPORT_FORMATS.find((format) => REPORT_FORMAT_KINDS[format].extensions.some((one) => one === wanted));
}

function isRendered(format: ReportFormat): format is RenderedName {
  return REPORT_FORMAT_KINDS[format].from === 'report';
}
