import { DrillError } from '../support/errors.ts';
import type { Made, RenderedFormat } from './format-kind.ts';
import { html } from './formats/html.ts';
import type { Report } from './report.ts';

export interface RenderedReport {
  readonly content: string | Uint8Array;
  /** Why it is HTML instead; undefined: it is in the requested format. */
  readonly problem?: DrillError;
}

const CANNOT_RENDER: ReadonlySet<string> = new Set(['tool-missing', 'pdf-failed']);

/**
 * Renders a report; falls back to HTML if a program that the format needs is missing or fails, because that is better than no report. The HTML says so at its
 * top.
 * @throws what rendering throws otherwise.
 */
export async function renderOrHtml(report: Report, format: RenderedFormat, made: Made): Promise<RenderedReport> {
  try {
    return { content: await format.render(report, made) };
  } catch (problem) {
    if (!(problem instanceof DrillError) || !CANNOT_RENDER.has(problem.code)) throw problem;
    const note = noteInstead(format.title, problem.message);
    return { content: await html.render(report, { ...made, note }), problem };
  }
}

/** `This is HTML because the PDF could not be made: Chromium did not print within 120 s. Print this page from a browser.` */
function noteInstead(title: string, why: string): string {
  return `This is HTML because the ${title} could not be made: ${why.replace(/\.$/, '')}. Print this page from a browser.`;
}
