import { isUncovered } from '../../record/discovery-change.ts';
import type { DiscoveryRecord, Finding } from '../../record/discovery-store.ts';
import { describeCoverageGaps } from '../../status/coverage-standing.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { COVERAGE_STATES, COVERAGE_WORDS } from '../../support/vocabulary.ts';
import { ago, pathOfDrill, plural } from '../format.ts';
import { layout, type View } from '../layout.ts';
import { type Column, table } from '../table.ts';

/** Any more are only counted. */
const MAX_ROWS = 500;
const COLUMNS: readonly Column[] = [
  { label: 'Backups or database', kind: 'wide' },
  { label: 'State' },
  { label: 'Content' },
  { label: 'Location', kind: 'wide' },
  { label: 'Newest', kind: 'number' },
];

/** What the last discovery found, and which of it has no drill. */
export function coveragePage(view: View, discovery: DiscoveryRecord | undefined): Markup {
  const body = discovery ? found(view, discovery) : nothingLookedAt();
  return layout(view, { title: 'Coverage', current: 'coverage', body });
}

function nothingLookedAt(): Markup {
  return html`<div class="head"><h1>Coverage</h1></div>
<div class="empty"><h2>No search for backups yet</h2><p>Firedrill can list your stores and servers, and say which backups and databases no drill covers.</p><pre tabindex="0"><code>firedrill discover</code></pre></div>`;
}

function found(view: View, discovery: DiscoveryRecord): Markup {
  const gaps = discovery.findings.filter(isUncovered);
  const covered = discovery.findings.filter((one) => !isUncovered(one));
  const failed = discovery.problems.filter(({ isError }) => isError);
  const problems = failed.map(
    ({ where, message, hint }) =>
      html`<p class="note warn">Could not list ${view.show(where, 200)}: ${view.show(message, 400)}${hint !== undefined && html`<span class="sub">${view.show(hint, 400)}</span>`}</p>`,
  );
  const searched = html`<p class="lead">Searched ${ago(discovery.endedAt, view.now)}: ${plural(discovery.findings.length, 'series of backups or database', 'series of backups and databases')}, ${gaps.length} not covered.</p>`;
  return html`<div class="head"><h1>${upperFirst(view.show(describeCoverageGaps(discovery)))}</h1></div>${searched}${problems}
${section(view, 'gaps', 'Not covered', gaps)}${section(view, 'covered', 'Covered', covered)}`;
}

function section(view: View, id: string, title: string, findings: readonly Finding[]): Markup {
  if (findings.length === 0) return nothing;
  const sorted = findings.toSorted((a, b) => COVERAGE_STATES.indexOf(a.state) - COVERAGE_STATES.indexOf(b.state));
  const rest =
    sorted.length > MAX_ROWS &&
    html`<p>${sorted.length - MAX_ROWS} more: <code>firedrill discover</code> lists all of them.</p>`;
  return html`<section aria-labelledby="${id}-heading"><h2 id="${id}-heading">${title} <span class="pill">${findings.length}</span></h2>${table(
    {
      caption: title,
      columns: COLUMNS,
      rows: sorted.slice(0, MAX_ROWS).map((one) => cellsOf(view, one)),
    },
  )}${rest}</section>`;
}

function cellsOf(view: View, one: Finding): readonly Child[] {
  const state = stateBadge(one.state);
  const drills = one.drills.map((name) => html`<a href="${pathOfDrill(name)}">${view.show(name, 100)}</a> `);
  const by = drills.length > 0 && html`<span class="sub">drills: ${drills}</span>`;
  if (one.kind === 'series')
    return [
      html`<strong>${view.show(one.match, 200)}</strong><span class="sub">${plural(one.backups, 'backup')}</span>${by}`,
      state,
      view.show(one.content, 200),
      view.show(one.source, 200),
      ago(one.newestAt, view.now),
    ];
  return [
    html`<strong>${view.show(one.name, 200)}</strong><span class="sub">database</span>${by}`,
    state,
    one.engine,
    view.show(one.server ?? one.foundIn.join(', '), 200),
    html`–`,
  ];
}

function stateBadge(state: Finding['state']): Markup {
  const [tone, sign] = state === 'covered' ? ['good', '✔'] : state === 'never-passed' ? ['warn', '!'] : ['bad', '✖'];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${COVERAGE_WORDS[state]}</span>`;
}
