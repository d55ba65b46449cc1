import { html, type Markup, nothing } from '../../support/html.ts';
import { formatCount } from '../../support/quantities.ts';
import { SHOWN_STATES } from '../../support/vocabulary.ts';
import { addressOf } from '../address.ts';
import { plural } from '../format.ts';
import { layout, type View } from '../layout.ts';
import { isFiltered, type RunsQuery, runsFilterForm } from '../runs-filter.ts';
import { formatCursor, type RunPage, runsTable } from '../runs-view.ts';

/** Counting matching runs stops here. */
export const MAX_COUNTED = 10_000;

export interface ShownRuns extends RunPage {
  /** How many runs match on all pages, up to {@link MAX_COUNTED}. */
  readonly count: number;
  readonly isFirstPage: boolean;
  /** The current drills and their owners, as suggestions. */
  readonly drills: readonly string[];
  readonly owners: readonly string[];
}

/** Runs, newest first. */
export function runsPage(view: View, query: RunsQuery, shown: ShownRuns): Markup {
  const { runs, next, count, isFirstPage } = shown;
  const last = runs.at(-1);
  const isLimited = isFiltered(query) && query.from === undefined;
  const range =
    isLimited && html`<p class="count">The 90 days up to ${query.to ?? 'today'}. Set From to search further back.</p>`;
  const csv =
    runs.length > 0 &&
    html`<div class="actions"><a class="button" href="${addressOf('/runs.csv', query)}" download>Download CSV</a></div>`;
  const older =
    next !== undefined && last
      ? html`<a class="button" rel="next" href="${addressOf('/runs', query, { after: formatCursor(last) })}">Older runs</a>`
      : nothing;
  const newest = !isFirstPage && html`<a class="button" href="${addressOf('/runs', query)}">Newest</a>`;
  const total = count >= MAX_COUNTED ? `more than ${formatCount(MAX_COUNTED)} runs` : plural(count, 'run');
  const pager =
    runs.length > 0 &&
    html`<nav class="pager" aria-label="Pages of runs"><span class="count">${runs.length} of ${total}</span><span class="end actions">${newest}${older}</span></nav>`;
  return layout(view, {
    title: 'Runs',
    current: 'runs',
    body: html`<div class="head"><h1>Runs</h1> <span class="pill">${count >= MAX_COUNTED ? `${formatCount(MAX_COUNTED)}+` : formatCount(count)}</span>${csv}</div>
${resultTabs(query)}${runsFilterForm(view, query, shown)}${range}${runs.length === 0 ? noRuns(query, isFirstPage) : runsTable(view, runs, 'Runs, newest first', true)}${pager}`,
  });
}

/** The results as links, so that one click filters by them. */
function resultTabs(query: RunsQuery): Markup {
  const tabs = [undefined, ...SHOWN_STATES].map((result) => {
    const isCurrent = query.result === result && html` aria-current="true"`;
    return html`<li><a href="${addressOf('/runs', query, { result })}"${isCurrent}>${result ?? 'all'}</a></li>`;
  });
  return html`<nav aria-label="Results"><ul class="tabs">${tabs}</ul></nav>`;
}

function noRuns(query: RunsQuery, isFirstPage: boolean): Markup {
  if (!isFirstPage) return html`<div class="empty"><h2>No older runs</h2></div>`;
  if (Object.values(query).some((value) => value !== undefined))
    return html`<div class="empty"><h2>No run matches</h2><p>Change the filters, or <a href="/runs">show all runs</a>.</p></div>`;
  return html`<div class="empty"><h2>No runs yet</h2><p>Run every drill once, or give drills a <code>schedule</code>.</p><pre tabindex="0"><code>firedrill run --all</code></pre></div>`;
}
