import type { z } from 'zod';
import type { RunFilter } from '../record/store.ts';
import { html, type Markup } from '../support/html.ts';
import { TRIGGER_KINDS, type TriggerKind } from '../support/vocabulary.ts';
import type { runsQuery } from './api/request-schemas.ts';
import type { View } from './layout.ts';
import { selectField } from './select-field.ts';

/** Which runs are requested by the address of a page or of the API. */
export type RunsQuery = Omit<z.output<typeof runsQuery>, 'after' | 'limit'>;

const DAY_MS = 86_400_000;
/** How far back filters without an index search, from the last day, unless a first day is given. */
const DEFAULT_DAYS = 90;

export function toRunFilter(query: RunsQuery, now: Date): Omit<RunFilter, 'limit' | 'after'> {
  const { result, drill, owner, tier, trigger, to } = query;
  const last = to === undefined ? now.getTime() : Date.parse(`${to}T00:00:00Z`);
  const from = query.from ?? (isFiltered(query) ? dayOf(last - DEFAULT_DAYS * DAY_MS) : undefined);
  return {
    ...(result === undefined ? {} : { states: [result] }),
    ...(drill === undefined ? {} : { drill }),
    ...(owner === undefined ? {} : { owner }),
    ...(tier === undefined ? {} : { tier }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(from === undefined ? {} : { since: new Date(`${from}T00:00:00Z`) }),
    ...(to === undefined ? {} : { before: new Date(Date.parse(`${to}T00:00:00Z`) + DAY_MS) }),
  };
}

/** Whether it filters by anything other than a drill. */
export function isFiltered({ result, owner, tier, trigger }: RunsQuery): boolean {
  return [result, owner, tier, trigger].some((value) => value !== undefined);
}

const TRIGGER_WORDS: Record<TriggerKind, string> = {
  hand: 'by hand',
  schedule: 'schedule',
  'new-backup': 'new backup',
};

/** @param known the current drills and owners, which fields suggest. */
export function runsFilterForm(
  view: View,
  query: RunsQuery,
  known: { readonly drills: readonly string[]; readonly owners: readonly string[] },
): Markup {
  const text = (name: string, label: string, value: string | undefined, more: Markup) =>
    html`<label>${label} <input name="${name}"${more}${value !== undefined && html` value="${view.show(value, 200)}"`}></label>`;
  const triggers = TRIGGER_KINDS.map((kind): [string, string] => [kind, TRIGGER_WORDS[kind]]);
  const tiers = TIERS.map((tier): [string, string] => [tier, tier]);
  const isAny = Object.values(query).some((value) => value !== undefined);
  return html`<form class="filter" method="get" action="/runs" role="search" aria-label="Filter runs">
${query.result !== undefined && html`<input type="hidden" name="result" value="${query.result}">`}
${text('drill', 'Drill', query.drill, html` type="text" size="18" list="drill-names"`)}
${text('owner', 'Owner', query.owner, html` type="text" size="14" list="owner-names"`)}
${selectField('tier', 'Tier', tiers, query.tier === undefined ? undefined : String(query.tier))}
${selectField('trigger', 'Triggered by', triggers, query.trigger)}
${text('from', 'From', query.from, html` type="date"`)}
${text('to', 'To', query.to, html` type="date"`)}
<button type="submit">Filter</button>${isAny && html` <a href="/runs">Show all</a>`}
${suggestions('drill-names', known.drills)}${suggestions('owner-names', known.owners)}
</form>`;
}

const TIERS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

function suggestions(id: string, values: readonly string[]): Markup {
  return html`<datalist id="${id}">${values.map((value) => html`<option value="${value}"></option>`)}</datalist>`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
