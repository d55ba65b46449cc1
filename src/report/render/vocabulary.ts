import { openTimeZone, toWallMs } from '../../schedule/time-zone.ts';
import { formatDay } from '../../support/instants.ts';
import { formatBytes, formatDuration } from '../../support/quantities.ts';
import type { TeardownCounts } from '../report.ts';
import type { ErrorBudget, Measure } from '../report-attainment.ts';

/** How every format of the report writes numbers and instants. */

/** `97.2 %`; never 100 % while anything was missed, never 0 % while anything was attained; `–` when nothing was judged. */
export function formatShare(share: number | undefined): string {
  if (share === undefined) return '–';
  const tenths = Math.round(share * 1000);
  const rounded = Math.min(share < 1 ? 999 : 1000, Math.max(share > 0 ? 1 : 0, tenths));
  return `${rounded % 10 === 0 ? rounded / 10 : (rounded / 10).toFixed(1)} %`;
}

/** `99.95 %`, as configured. */
export function formatTargetShare(share: number): string {
  return `${Number((share * 100).toFixed(6))} %`;
}

/** `97.2 % (35 of 36)`. */
export function formatMeasure({ attained, missed, share }: Measure): string {
  return share === undefined ? '–' : `${formatShare(share)} (${attained} of ${attained + missed})`;
}

/** `1 of 4.5 misses`; `error budget exceeded (6 misses, 4.5 allowed)` when it is overspent. */
export function formatBudget({ allowed, spent, remainingShare }: ErrorBudget): string {
  if (remainingShare === undefined && spent === 0) return '–';
  const limit = String(Math.round(allowed * 10) / 10);
  return spent > allowed
    ? `error budget exceeded (${plural(spent, 'miss')}, ${limit} allowed)`
    : `${spent} of ${limit} misses`;
}

/** `3 Oct 2026, 04:15` in the time zone, which the head of the report names. */
export function formatAt(at: Date, zone: string): string {
  return `${formatDate(at, zone)}, ${toWallDate(at, zone).toISOString().slice(11, 16)}`;
}

/** `3 Oct 2026`, in the same time zone. */
export function formatDate(at: Date, zone: string): string {
  return formatDay(toWallDate(at, zone));
}

/** `2026-10-03`, in the same time zone: for file names. */
export function formatIsoDate(at: Date, zone: string): string {
  return toWallDate(at, zone).toISOString().slice(0, 10);
}

function toWallDate(at: Date, zone: string): Date {
  return new Date(toWallMs(openTimeZone(zone), at.getTime()));
}

export function formatMs(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDuration(ms);
}

export function formatSize(bytes: number | undefined): string {
  return bytes === undefined ? '–' : formatBytes(Math.round(bytes));
}

/** `tier 1`; `no tier`. */
export function nameTier(tier: number | undefined): string {
  return tier === undefined ? 'no tier' : `tier ${tier}`;
}

/** `cleanup confirmed for 12 of 13 sandboxes; 1 was kept on request for inspection`. */
export function describeTeardown({ confirmed, kept, notConfirmed }: TeardownCounts): string {
  const all = plural(confirmed + kept + notConfirmed, 'sandbox');
  const onPurpose = kept === 0 ? '' : `; ${kept} ${kept === 1 ? 'was' : 'were'} kept on request for inspection`;
  return `cleanup confirmed for ${confirmed} of ${all}${onPurpose}`;
}

/** `1 run`, `12 runs`, `3 misses`, `2 sandboxes`. */
export function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}${/[sx]$/.test(noun) ? 'es' : 's'}`;
}

/** Makes a drill name such as `orders` an element id: letters, digits and dashes. The only other characters in drill names are dots and underscores. */
export function toId(text: string): string {
  return text.replace(/[^a-zA-Z0-9-]/g, (character) => `_${character.codePointAt(0) ?? 0}`);
}
