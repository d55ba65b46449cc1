import { html, type Markup, trusted } from '../../support/html.ts';
import type { Report } from '../report.ts';
import { attainmentSection } from './attainment-section.ts';
import { auditSection, evidenceSection } from './audit-section.ts';
import { contents } from './contents.ts';
import { coverageSection } from './coverage-section.ts';
import { acknowledgementSection, incidentSection } from './incident-section.ts';
import { pageOne } from './page-one.ts';
import { providerSection } from './provider-section.ts';
import { FILE_CSS, REPORT_CSS } from './style.ts';
import { describeScope, titleOf } from './titles.ts';
import { trendsSection } from './trends-section.ts';
import { makeView, type RenderOptions } from './view.ts';
import { formatAt } from './vocabulary.ts';

/**
 * The report as one self-contained file: no script, no external resource, all styles inline; HTML5 in UTF-8. It prints on A4 and on Letter.
 * @param made.version of Firedrill.
 */
export function renderHtml(
  report: Report,
  made: { readonly version: string; readonly note?: string | undefined },
  options: RenderOptions = {},
): string {
  return wholePage(report, made, renderFragment(report, options));
}

/** Only the evidence, in a separate file. */
export function renderEvidenceHtml(report: Report, made: { readonly version: string }): string {
  const body = html`<div class="r-report"><div class="r-body">${evidenceSection(makeView(report, {}))}</div></div>`;
  return wholePage(report, made, body);
}

function wholePage(
  report: Report,
  { version, note }: { readonly version: string; readonly note?: string | undefined },
  body: Markup,
): string {
  const title = titleOf(report);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Firedrill ${version}">
<title>${title}</title>
<style>${trusted(FILE_CSS + REPORT_CSS)}</style>
</head>
<body>
<header><h1>${title}</h1>
<p class="r-meta">${describeScope(report)}</p>${note !== undefined && html`<p class="r-instead">${note}</p>`}</header>
<main>
${body}
</main>
<footer><p class="r-meta">Made by Firedrill ${version} on ${formatAt(report.madeAt, report.period.zone)}. All dates and times are in ${report.period.zone}.</p></footer>
</body>
</html>
`;
  return page.toString();
}

/** The same for a page that has its own head, first heading and {@link REPORT_CSS}. Contains no styles. */
export function renderFragment(report: Report, options: RenderOptions = {}): Markup {
  const view = makeView(report, options);
  return html`<div class="r-report">
${contents(report)}<div class="r-body">
${pageOne(view)}${attainmentSection(view)}${incidentSection(view)}${acknowledgementSection(view)}${coverageSection(view)}${providerSection(view)}${trendsSection(view)}${auditSection(view)}</div></div>`;
}
