import { COMPARED_SECTIONS, type ComparedRow, compareRuns } from '../../record/compare-runs.ts';
import { stateOf, toneOf } from '../../record/history-view.ts';
import type { RunRecord } from '../../record/run-record.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { badge } from '../badges.ts';
import { instant, pathOfDrill, pathOfRun, runLink } from '../format.ts';
import { layout, type View } from '../layout.ts';
import { table } from '../table.ts';

const HEADINGS: Record<ComparedRow['section'], string> = {
  run: 'Result',
  backup: 'Backup',
  stages: 'Stages',
  checks: 'Checks',
  sandbox: 'Sandbox',
};

/** Two runs side by side, the older one first. @param other undefined: no earlier run passed. */
export function comparePage(view: View, run: RunRecord, other: RunRecord | undefined): Markup {
  const title = `${run.drill} ${run.id} compared`;
  const head = html`<p class="crumbs"><a href="/">Overview</a> › <a href="${pathOfDrill(run.drill)}">${view.show(run.drill)}</a> › <a href="${pathOfRun(run.id)}">${run.id}</a></p>
<h1>Compare runs</h1>`;
  if (!other) return layout(view, { title, body: [head, html`<p>No run of this drill passed before this one.</p>`] });
  const [before, after] = run.startedAt < other.startedAt ? [run, other] : [other, run];
  const rows = compareRuns(before, after);
  const sections = COMPARED_SECTIONS.map((section) =>
    sectionOf(
      view,
      section,
      rows.filter((row) => row.section === section),
    ),
  );
  return layout(view, {
    title,
    body: [
      head,
      html`<dl class="tiles">${runTile(view, 'Before', before)}${runTile(view, 'After', after)}</dl><div class="compared">${sections}</div>`,
    ],
  });
}

function runTile(view: View, label: string, run: RunRecord): Markup {
  return html`<div><dt>${label}</dt><dd>${badge(stateOf(run), toneOf(run))} ${runLink(run)}<span class="sub">${view.show(run.drill)}, ${instant(run.startedAt)}</span></dd></div>`;
}

/** A stage or phase has its colour; phases are indented. */
function nameOf(view: View, { section, label }: ComparedRow): Markup {
  if (section !== 'stages') return html`${view.show(label)}`;
  const key = html`<span class="key ${label.trim().replace(' ', '-')}"></span>${label.trim()}`;
  return label.startsWith(' ') ? html`<span class="phase">${key}</span>` : key;
}

function sectionOf(view: View, section: ComparedRow['section'], rows: readonly ComparedRow[]): Markup {
  if (rows.length === 0) return nothing;
  const id = `compared-${section}`;
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${HEADINGS[section]}</h2>${table({
    caption: `${HEADINGS[section]} of both runs`,
    columns: [
      { label: section === 'checks' ? 'Check' : 'What' },
      { label: 'Before', kind: 'wide' },
      { label: 'After', kind: 'wide' },
      { label: 'Change' },
    ],
    rows: rows.map((row) => [
      nameOf(view, row),
      view.show(row.before, 500),
      view.show(row.after, 500),
      row.change === '' ? html`<span class="sub same">same</span>` : html`<strong>${row.change}</strong>`,
    ]),
  })}</section>`;
}
