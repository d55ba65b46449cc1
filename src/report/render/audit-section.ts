import { type Child, html, type Markup } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { upperFirst } from '../../support/upper-first.ts';
import type { EvidenceFile } from '../format-kind.ts';
import type { Control, Evidence, Report, ReportSection } from '../report.ts';
import { PARTS } from './contents.ts';
import { evidenceFacts, type Piece } from './evidence-facts.ts';
import { facts, instant, type ReportView, section, table } from './view.ts';
import { describeTeardown, plural } from './vocabulary.ts';

/** The evidence, for auditors. */
export function auditSection(view: ReportView): Markup {
  const { report } = view;
  const { audit } = report;
  const { sampling } = audit;
  const place = view.options.evidence ?? true;
  const body = html`<p>${audit.retention} ${upperFirst(describeTeardown(audit.teardown))}.</p>
<details class="r-fold"><summary>Controls that this report is evidence for (${audit.controls.length})</summary>
${table<Control>('A restore drill is part of the evidence for each control, never all of it', CONTROL_COLUMNS, audit.controls)}</details>
${
  place === true &&
  html`<p class="r-paper">${IN_HTML}</p><details class="r-fold"><summary>Evidence of ${sampling.shown === sampling.of ? '' : `${sampling.shown} of `}${plural(sampling.of, 'run')}</summary>
<p class="r-note">${sampling.rule}</p>
${evidence(view, audit.runs)}</details>`
}
${place === 'html' && html`<p>${IN_HTML}</p>`}
${place === false && html`<p>Each run has its evidence on its own page; the report as a file has all of it.</p>`}
${typeof place === 'object' && html`<p>${describeEvidenceFile(report, place)}</p>`}`;
  return section('r-audit', 'Evidence', body);
}

const IN_HTML = 'The evidence of each run (backup, checks, versions, times) is in the HTML form of this report.';

/** Only the evidence, expanded: for a separate file. */
export function evidenceSection(view: ReportView): Markup {
  const { sampling, runs, teardown } = view.report.audit;
  return section(
    'r-audit',
    'Evidence',
    html`<p>${sampling.shown} of ${plural(sampling.of, 'run')}. ${sampling.rule} ${upperFirst(describeTeardown(teardown))}.</p>${evidence(view, runs)}`,
  );
}

/** `Evidence of 412 runs: evidence.html, SHA-256 ….` */
export function describeEvidenceFile({ audit: { sampling } }: Report, { name, sha256 }: EvidenceFile): string {
  const count = sampling.shown === sampling.of ? '' : `${sampling.shown} of `;
  return `Evidence of ${count}${plural(sampling.of, 'run')}: ${name}, SHA-256 ${sha256}.`;
}

const TITLES = new Map<string, string>(PARTS);

/** Forecasts are in the table of the first page. */
function anchorOf(part: ReportSection): string {
  return part === 'forecast' ? 'r-headline' : `r-${part}`;
}

const CONTROL_COLUMNS = [
  {
    head: 'Control',
    isRowHead: true,
    cell: ({ framework, clause, title, source }: Control) =>
      html`<a href="${source}">${framework}</a> ${clause}${title !== undefined && `: ${title}`}`,
  },
  { head: 'Requirement', cell: ({ asks }: Control) => asks },
  {
    head: 'Evidence in this report',
    cell: ({ evidence: pieces }: Control): Child => {
      return html`<ul class="r-list">${pieces.map((one) => html`<li><a href="#${anchorOf(one.section)}">${TITLES.get(anchorOf(one.section))}</a>: ${one.shows}</li>`)}</ul>`;
    },
  },
];

function evidence(view: ReportView, runs: readonly Evidence[]): Markup {
  const byDrill = Map.groupBy(runs, ({ drill }) => drill);
  return html`${[...byDrill].map(([drill, own]) => html`<h3>Runs of ${drill}</h3>${own.map((run) => runEvidence(view, run))}`)}`;
}

function runEvidence(view: ReportView, run: Evidence): Markup {
  const known = evidenceFacts(run).flat();
  return html`<article class="r-run" id="run-${run.id}"><h4><code>${run.id}</code> <span class="r-verdict-of ${run.verdict === 'passed' ? 'r-good' : 'r-bad'}">${run.verdict ?? run.status}</span></h4>
${facts(known.map(({ term, pieces }) => [term, pieces.map((piece) => showPiece(view, piece))]))}
${run.checks.length > 0 && table(`Checks of ${run.id}`, CHECK_COLUMNS, run.checks)}</article>
`;
}

function showPiece(view: ReportView, piece: Piece): Child {
  if (typeof piece === 'string') return piece;
  if ('code' in piece) return html`<code>${piece.code}</code>`;
  return 'at' in piece ? instant(view, piece.at) : html`<span class="r-bad">${piece.bad}</span>`;
}

type Check = Evidence['checks'][number];

const CHECK_COLUMNS = [
  { head: 'Check', cell: ({ name }: Check) => name, isRowHead: true },
  { head: 'Expected', cell: ({ expected }: Check) => expected },
  {
    head: 'Actual',
    cell: ({ actual, details = [] }: Check): Child =>
      html`${actual}${details.length > 0 && html`<ul class="r-list">${details.map((line) => html`<li>${line}</li>`)}</ul>`}`,
  },
  {
    head: 'Result',
    cell: ({ passed }: Check) => (passed ? 'passed' : html`<strong class="r-bad">failed</strong>`),
  },
  { head: 'Took', cell: ({ durationMs }: Check) => formatDuration(durationMs), isNumber: true },
];
