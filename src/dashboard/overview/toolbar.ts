import { html, type Markup, nothing } from '../../support/html.ts';
import { STANDING_STATES } from '../../support/vocabulary.ts';
import { STATE_WORDS } from '../badges.ts';
import type { View } from '../layout.ts';
import { selectField } from '../select-field.ts';
import { labelsOf, serviceOf } from './arrange.ts';
import type { OverviewDrill } from './overview-drill.ts';
import { type OverviewQuery, SORTS, type Sort } from './overview-query.ts';

/** Search, filters and grouping. Without the script it is a form; with it, the list updates while typing. */
export function toolbar(view: View, drills: readonly OverviewDrill[], query: OverviewQuery): Markup {
  if (drills.length < 2) return nothing;
  const all = drills.map(({ standing }) => standing.drill);
  const owners = sorted(all.map(({ owner }) => owner && view.show(owner, 60)));
  const services = sorted(all.map((drill) => serviceOf(drill) && view.show(serviceOf(drill) ?? '', 60)));
  const labels = sorted(all.flatMap((drill) => labelsOf(drill).map((label) => view.show(label, 60))));
  const tiers = sorted(all.map(({ tier }) => (tier === undefined ? undefined : String(tier))));
  const choice = (name: string, label: string, values: readonly string[], chosen: string | number | undefined) =>
    values.length > 0 &&
    selectField(
      name,
      label,
      values.map((value) => [value, value]),
      chosen === undefined ? undefined : String(chosen),
    );
  const groups: [string, string][] = [
    ['owner', 'owner'],
    ['tier', 'tier'],
    ...(services.length > 0 ? [['service', 'service'] satisfies [string, string]] : []),
  ];
  const sorts = SORTS.map((sort): [string, string] => [sort, SORT_WORDS[sort]]);
  return html`<form class="filter live-filter" method="get" action="/" role="search" aria-label="Filter drills" data-part="drills">
<label class="grow"><span class="hidden">Search</span><input type="search" name="q" placeholder="Search by name, database or owner" maxlength="200"${query.q !== undefined && html` value="${view.show(query.q, 200)}"`}></label>
${selectField('state', 'State', [['bad', 'needs attention'], ...STANDING_STATES.map((state): [string, string] => [state, STATE_WORDS[state]])], query.state)}
${choice('tier', 'Tier', tiers, query.tier)}
${choice('owner', 'Owner', owners, query.owner)}
${choice('service', 'Service', services, query.service)}
${choice('label', 'Label', labels, query.label)}
${selectField('group', 'Group by', groups, query.group, 'none')}
<div class="by-card">${selectField('sort', 'Sort by', sorts, query.sort, 'failing first')}</div>
${query.needs !== undefined && html`<input type="hidden" name="needs" value="${query.needs}">`}
<button type="submit">Filter</button>
</form>`;
}

const SORT_WORDS: Readonly<Record<Sort, string>> = {
  name: 'name',
  tier: 'tier',
  owner: 'owner',
  recovery: 'recovery against RTO',
  backup: 'backup age',
  next: 'next run',
};

function sorted(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort();
}
