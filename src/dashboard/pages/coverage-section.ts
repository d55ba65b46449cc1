import { isUncovered } from '../../record/discovery-change.ts';
import type { DiscoveryRecord, Finding } from '../../record/discovery-store.ts';
import { describeCoverageGaps } from '../../status/coverage-standing.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { COVERAGE_WORDS } from '../../support/vocabulary.ts';
import { ago, plural } from '../format.ts';
import type { View } from '../layout.ts';
import { type Column, rowOf, tableOf } from '../table.ts';

/** More are counted only. */
const MAX_ROWS = 25;
const COLUMNS: readonly Column[] = [
  { label: 'Not covered', kind: 'wide' },
  { label: 'State' },
  { label: 'Content' },
  { label: 'Where', kind: 'wide' },
  { label: 'Newest', kind: 'number' },
];

/** What the last look found that no drill covers; nothing when there was no look. */
export function coverageSection(view: View, discovery: DiscoveryRecord | undefined): Markup {
  if (!discovery) return nothing;
  const gaps = discovery.findings.filter(isUncovered);
  const failed = discovery.problems.filter(({ isError }) => isError);
  const looked = html`<p class="sub">Looked ${ago(discovery.endedAt, view.now)} at ${plural(discovery.findings.length, 'series of backups or database', 'series of backups and databases')}.</p>`;
  const rest =
    gaps.length > MAX_ROWS &&
    html`<p>And ${gaps.length - MAX_ROWS} more: <code>firedrill discover</code> lists all.</p>`;
  const table =
    gaps.length > 0 &&
    tableOf({
      caption: 'Backups and databases that no drill covers',
      columns: COLUMNS,
      rows: gaps.slice(0, MAX_ROWS).map((one) => rowOf(COLUMNS, cellsOf(view, one))),
    });
  const problems = failed.map(
    ({ where, message }) =>
      html`<p class="note warn">Could not look at ${view.show(where, 200)}: ${view.show(message, 400)}</p>`,
  );
  return html`<section aria-labelledby="coverage"><h2 id="coverage">Coverage: ${view.show(describeCoverageGaps(discovery))}</h2>${looked}${problems}${table}${rest}</section>`;
}

function cellsOf(view: View, one: Finding): readonly Child[] {
  const state = COVERAGE_WORDS[one.state];
  if (one.kind === 'series') {
    return [
      html`<strong>${view.show(one.match, 200)}</strong><span class="sub">${plural(one.backups, 'backup')}</span>`,
      state,
      view.show(one.content, 100),
      view.show(one.source, 200),
      ago(one.newestAt, view.now),
    ];
  }
  return [
    html`<strong>${view.show(one.name, 200)}</strong><span class="sub">database</span>`,
    state,
    one.engine,
    view.show(one.server ?? one.foundIn.join(', '), 200),
    html`–`,
  ];
}
