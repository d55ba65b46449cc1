import type { Drill } from '../../config/drill-file.ts';
import type { OverviewDrill } from './overview-drill.ts';
import type { Grouping, OverviewQuery, Sort } from './overview-query.ts';

/** The label that says which service a database belongs to. */
const SERVICE_LABEL = 'service';

export interface DrillGroup {
  /** `payments`, `tier 1`; empty: the drills without a group. */
  readonly name: string;
  readonly drills: readonly OverviewDrill[];
}

/** Cleans text as the page shows it: what a page does not show cannot be searched for either. */
type Show = (text: string) => string;

/** The requested drills, in the requested order. */
export function chooseDrills(
  drills: readonly OverviewDrill[],
  query: OverviewQuery,
  show: Show,
): readonly OverviewDrill[] {
  const words = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = drills.filter(
    (one) => matches(one, query, show) && words.every((word) => textOf(one, show).includes(word)),
  );
  const { sort } = query;
  if (sort === undefined) return chosen;
  const isDescending = sort.startsWith('-');
  const key = KEYS[(isDescending ? sort.slice(1) : sort) as Sort];
  return chosen.toSorted((a, b) => compare(key(a), key(b), isDescending));
}

/** Sorted by name, with the group of drills without one last; each group in the given order. */
export function groupDrills(drills: readonly OverviewDrill[], by: Grouping): readonly DrillGroup[] {
  const groups = new Map<string, OverviewDrill[]>();
  for (const one of drills) {
    const name = GROUP_NAMES[by](one.standing.drill) ?? '';
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return [...groups]
    .map(([name, members]) => ({ name, drills: members }))
    .toSorted((a, b) => Number(a.name === '') - Number(b.name === '') || (a.name < b.name ? -1 : 1));
}

export function serviceOf({ labels }: Pick<Drill, 'labels'>): string | undefined {
  return labels?.[SERVICE_LABEL];
}

/** `region=eu-west`, for every label except the service. */
export function labelsOf({ labels = {} }: Pick<Drill, 'labels'>): readonly string[] {
  return Object.entries(labels)
    .filter(([name]) => name !== SERVICE_LABEL)
    .map(([name, value]) => `${name}=${value}`);
}

const GROUP_NAMES: Readonly<Record<Grouping, (drill: Drill) => string | undefined>> = {
  owner: ({ owner }) => owner,
  tier: ({ tier }) => (tier === undefined ? undefined : `tier ${tier}`),
  service: serviceOf,
};

function matches({ row, standing, needs }: OverviewDrill, query: OverviewQuery, show: Show): boolean {
  const { drill } = standing;
  const is = (text: string | undefined, wanted: string) => text !== undefined && show(text) === wanted;
  if (query.tier !== undefined && drill.tier !== query.tier) return false;
  if (query.owner !== undefined && !is(drill.owner, query.owner)) return false;
  if (query.service !== undefined && !is(serviceOf(drill), query.service)) return false;
  if (query.label !== undefined && !labelsOf(drill).map(show).includes(query.label)) return false;
  if (query.needs !== undefined && !needs.has(query.needs)) return false;
  return query.state === undefined || (query.state === 'bad' ? row.tone === 'bad' : row.state === query.state);
}

/** The text that is searched: name, database, owner and labels. */
function textOf({ standing: { drill } }: OverviewDrill, show: Show): string {
  const parts = [
    drill.name,
    drill.engine.database,
    drill.engine.type,
    drill.owner,
    ...Object.values(drill.labels ?? {}),
  ];
  return parts
    .map((part) => show(part ?? ''))
    .join('\n')
    .toLowerCase();
}

const KEYS: Readonly<Record<Sort, (one: OverviewDrill) => string | number | undefined>> = {
  name: ({ row }) => row.drill,
  tier: ({ standing }) => standing.drill.tier,
  owner: ({ standing }) => standing.drill.owner,
  recovery: ({ timed }) => timed && (timed.recoveryTimeMs ?? 0) / timed.objectives.rtoMs,
  backup: ({ newestTakenAt }) => newestTakenAt && -newestTakenAt.getTime(),
  next: ({ nextRun }) => nextRun?.getTime(),
};

/** Unknown values come last in either direction. */
function compare(a: string | number | undefined, b: string | number | undefined, isDescending: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (a === b) return 0;
  return (a < b ? -1 : 1) * (isDescending ? -1 : 1);
}
