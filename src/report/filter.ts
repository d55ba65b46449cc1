import type { ReportFilter } from './report.ts';

/** Whether the filter excludes anything. */
export function isFiltered({ tier, owner }: ReportFilter): boolean {
  return tier !== undefined || owner !== undefined;
}

/** `tier 1`, `owner payments`: the criteria that the filter sets. */
export function describeFilter({ tier, owner }: ReportFilter): readonly string[] {
  return [...(tier === undefined ? [] : [`tier ${tier}`]), ...(owner === undefined ? [] : [`owner ${owner}`])];
}

/** `No drill matches tier 7, owner payments`. */
export function describeNoMatch(filter: ReportFilter): string {
  return `No drill matches ${describeFilter(filter).join(', ')}`;
}
