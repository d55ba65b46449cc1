import { type Child, html, type Markup } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import type { Control, Evidence, ReportSection } from '../report.ts';
import { evidenceFacts, type Piece } from './evidence-facts.ts';
import { facts, instant, type ReportView, section, table } from './view.ts';
import { describeTeardown, plural } from './vocabulary.ts';

/** 7: for auditors. */
export function auditSection(view: ReportView): Markup {
  const { audit } = view.report;
  const hasEvidence = view.options.evidence ?? true;
  const body = html`${facts([
    ['Kept', audit.retention],
    ['Shown', `${audit.sampling.rule} (${audit.sampling.shown} of ${plural(audit.sampling.of, 'run')})`],
    ['Teardown', describeTeardown(audit.teardown)],
  ])}
<h3>Control mapping</h3>
${table<Control>('Control map: a restore drill is one piece of the evidence that each asks for, never all of it', CONTROL_COLUMNS, audit.controls)}
${hasEvidence ? evidence(view, audit.runs) : html`<p>Each run is shown whole on its own page, and in the report as a file.</p>`}`;
  return section('r-audit', 'Evidence', body);
}

const SECTIONS: Readonly<Record<ReportSection, string>> = {
  headline: 'Can we recover?',
  attainment: 'Runs meeting objectives',
  trends: 'Recovery times',
  forecast: 'Recovery time forecasts',
  coverage: 'Coverage gaps',
  incidents: 'Failures',
  audit: 'Evidence',
};

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
      return html`<ul class="r-list">${pieces.map((one) => html`<li><a href="#r-${one.section}">${SECTIONS[one.section]}</a>: ${one.shows}</li>`)}</ul>`;
    },
  },
];

function evidence(view: ReportView, runs: readonly Evidence[]): Markup {
  const byDrill = Map.groupBy(runs, ({ drill }) => drill);
  return html`${[...byDrill].map(([drill, own]) => html`<h3>Runs of ${drill}</h3>${own.map((run) => runEvidence(view, run))}`)}`;
}

function runEvidence(view: ReportView, run: Evidence): Markup {
  const known = evidenceFacts(run).flat();
  return html`<article class="r-run" id="run-${run.id}"><h4><code>${run.id}</code> <span class="r-verdict ${run.verdict === 'passed' ? 'r-good' : 'r-bad'}">${run.verdict ?? run.status}</span></h4>
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
