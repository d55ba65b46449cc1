import type { DrillStanding } from '../../status/read-standings.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { formatAge, formatDuration } from '../../support/quantities.ts';
import { addressOf } from '../address.ts';
import { badge, besideBadge } from '../badges.ts';
import { sparkline } from '../charts.ts';
import { ahead, pathOfDrill, plural } from '../format.ts';
import type { View } from '../layout.ts';
import { ownerLink } from '../owner-link.ts';
import type { PerMinuteCache } from '../per-minute-cache.ts';
import { recoveryCell } from '../runs-view.ts';
import { type Column, rowOf, tableOf } from '../table.ts';
import { chooseDrills, groupDrills } from './arrange.ts';
import { NEED_WORDS } from './attention.ts';
import type { OverviewDrill } from './overview-drill.ts';
import { isFiltered, type OverviewQuery, type Sort } from './overview-query.ts';

const COLUMNS: readonly (Column & { readonly by?: Sort })[] = [
  { label: 'Drill', kind: 'name', by: 'name' },
  { label: 'State', kind: 'wide' },
  { label: 'Recovery', kind: 'bar', by: 'recovery' },
  { label: 'Trend', kind: 'roomy' },
  { label: 'Backup age', kind: 'number', by: 'backup' },
  { label: 'Next run', kind: 'number', by: 'next' },
];

/** The requested drills: one table, or one per group. @param rows caches each drill's row. */
export function drillList(
  view: View,
  drills: readonly OverviewDrill[],
  query: OverviewQuery,
  rows: PerMinuteCache<Markup>,
): Markup {
  if (drills.length === 0) return nothing;
  const chosen = chooseDrills(drills, query, (text) => view.show(text, 60));
  if (chosen.length === 0) return noMatch(drills.length);
  const columns = COLUMNS.map((column) => sortable(column, query));
  const tableFor = (caption: string, shown: readonly OverviewDrill[]) =>
    tableOf({
      caption,
      layout: 'drills',
      columns,
      rows: shown.map((one) => rows.get(one.standing, view.now, () => rowOf(COLUMNS, cellsOf(view, one)))),
    });
  const owner = query.owner === undefined ? undefined : chosen[0]?.standing.drill.owner;
  const count =
    isFiltered(query) &&
    html`<p class="count">${chosen.length} of ${plural(drills.length, 'drill')}${query.needs !== undefined && `: ${NEED_WORDS[query.needs]}`} · <a href="${addressOf('/', { group: query.group, sort: query.sort })}">Show all</a>${owner !== undefined && html` · Owner: ${ownerLink(view, owner)}`}</p>`;
  if (query.group === undefined) return html`${count}${tableFor(captionOf(query), chosen)}`;
  const groups = groupDrills(chosen, query.group).map(({ name, drills: own }) => {
    const title = name === '' ? `no ${query.group}` : view.show(name, 60);
    return html`<details class="group" id="${idOfGroup(query.group ?? '', title)}" open><summary><strong>${title}</strong> <span class="sub">${countsOf(own)}</span></summary>${tableFor(`Drills: ${title}`, own)}</details>`;
  });
  return html`${count}${groups}`;
}

/** A stable id for a group, independent of its position, so that a collapsed one stays collapsed. */
function idOfGroup(by: string, title: string): string {
  return `group-${by}-${Buffer.from(title).toString('base64url')}`;
}

function noMatch(total: number): Markup {
  return html`<div class="empty"><h2>No drills match</h2><p>Change the search or the filters, or <a href="/">show all ${total}</a>.</p></div>`;
}

function captionOf({ sort }: OverviewQuery): string {
  return sort === undefined ? 'Drills, those that need attention first' : 'Drills';
}

/** `7 drills, 2 need attention`. */
function countsOf(drills: readonly OverviewDrill[]): string {
  const bad = drills.filter(({ row }) => row.tone === 'bad').length;
  const drillCount = plural(drills.length, 'drill');
  return bad === 0 ? `${drillCount}, all well` : `${drillCount}, ${bad} ${bad === 1 ? 'needs' : 'need'} attention`;
}

/** A column's link sorts by it, then in the other direction, then not at all. */
function sortable({ by, ...column }: Column & { readonly by?: Sort }, query: OverviewQuery): Column {
  if (by === undefined) return column;
  const now = query.sort === by ? 'ascending' : query.sort === `-${by}` ? 'descending' : undefined;
  const next = now === undefined ? by : now === 'ascending' ? `-${by}` : undefined;
  return { ...column, sort: { href: addressOf('/', query, { sort: next }), now } };
}

function cellsOf(view: View, one: OverviewDrill): readonly Child[] {
  const { standing, timed, newestTakenAt: takenAt, nextRun } = one;
  const { drill, runs } = standing;
  const about = [
    drill.tier !== undefined && `tier ${drill.tier}`,
    drill.owner !== undefined && view.show(drill.owner, 60),
  ];
  return [
    html`<a href="${pathOfDrill(drill.name)}"><strong>${drill.name}</strong></a><span class="sub">${about.filter(Boolean).join(' · ')}</span>`,
    stateCell(view, one),
    timed ? recoveryCell(timed) : html`<span class="sub">RTO ${formatDuration(drill.objectives.rtoMs)}</span>`,
    runs.length > 1 ? sparkline(runs) : html`<span class="sub">–</span>`,
    takenAt
      ? html`${formatAge(Math.max(0, view.now.getTime() - takenAt.getTime()))}${drill.objectives.rpoMs !== undefined && html` <span class="sub">RPO ${formatDuration(drill.objectives.rpoMs)}</span>`}`
      : html`<span class="sub">unknown</span>`,
    nextRun ? ahead(nextRun, view.now) : html`<span class="sub">${trigger(standing)}</span>`,
  ];
}

function stateCell(view: View, { row, outlook }: OverviewDrill): Markup {
  const more = [
    row.acknowledged?.sentence,
    row.silenced?.sentence,
    outlook?.breach && `forecast: ${outlook.breach.sentence}`,
    row.recoveryIdentity?.sentence,
    row.proof?.sentence,
  ].filter((sentence) => sentence !== undefined);
  return html`${badge(row.state, row.tone)} <span class="words">${view.show(besideBadge(row.state, row.sentence), 400)}</span>${since(view, row)}${more.map((sentence) => html`<span class="sub">${view.show(sentence, 300)}</span>`)}`;
}

function since({ now }: View, { since: at, state, age }: OverviewDrill['row']): Markup {
  if (at && state !== 'passed')
    return html`<span class="sub">for ${formatAge(Math.max(0, now.getTime() - at.getTime()))}</span>`;
  return age === '' ? nothing : html`<span class="sub">${age}</span>`;
}

function trigger({ drill, racedBy }: DrillStanding): string {
  if (drill.schedule?.onNewBackup) return 'on new backup';
  return racedBy === undefined ? 'manual' : `after ${racedBy}`;
}
