import type { Schedule } from '../config/drill-file.ts';
import { openTimeZone, type TimeZone, toWallMs } from '../schedule/time-zone.ts';
import { formatWall } from '../schedule/wall-clock.ts';
import { type FrozenSpan, toFrozenSpan } from '../schedule/windows.ts';
import { formatNearDay } from './calendar.ts';

export interface HoldingFreeze {
  /** Undefined: the schedule does not state a start. */
  readonly since: Date | undefined;
  /** `disabled by a freeze since 3 November until 31 December`, in the drill's time zone. */
  readonly sentence: string;
}

/**
 * Finds the freeze that keeps a schedule from starting runs at an instant; consecutive freezes without a gap count as one.
 * @param reportZone the drill's own zone is named only if it differs.
 * @returns undefined when no freeze is in effect.
 */
export function findFreeze(schedule: Schedule, asOf: Date, reportZone: string): HoldingFreeze | undefined {
  if (schedule.freezes.length === 0) return undefined;
  const zone = openTimeZone(schedule.timezone);
  const span = joinSpans(
    schedule.freezes.map((freeze) => toFrozenSpan(freeze, zone)),
    asOf.getTime(),
  );
  if (!span) return undefined;
  const since = Number.isFinite(span.startMs) ? new Date(span.startMs) : undefined;
  const begun = since ? ` since ${nameBegin(since, asOf, zone)}` : '';
  const elsewhere = zone.name === reportZone ? '' : ` (${zone.name})`;
  return {
    since,
    sentence: `disabled by a freeze${begun} until ${nameEnd(new Date(span.endMs), asOf, zone)}${elsewhere}`,
  };
}

function joinSpans(spans: readonly FrozenSpan[], atMs: number): Pick<FrozenSpan, 'startMs' | 'endMs'> | undefined {
  const inOrder = spans.toSorted((a, b) => (a.startMs < b.startMs ? -1 : 1));
  let joined: { startMs: number; endMs: number } | undefined;
  for (const { startMs, endMs } of inOrder) {
    if (joined && startMs <= joined.endMs) joined.endMs = Math.max(joined.endMs, endMs);
    else if (joined && atMs < joined.endMs) break;
    else joined = { startMs, endMs };
  }
  return joined && joined.startMs <= atMs && atMs < joined.endMs ? joined : undefined;
}

function nameBegin(at: Date, asOf: Date, zone: TimeZone): string {
  return `${formatNearDay(at, asOf, zone.name)}${nameTime(at, zone)}`;
}

/** A freeze of whole days ends at the midnight after its last day. */
function nameEnd(at: Date, asOf: Date, zone: TimeZone): string {
  const time = nameTime(at, zone);
  const day = time === '' ? new Date(at.getTime() - 1) : at;
  return `${formatNearDay(day, asOf, zone.name)}${time}`;
}

/** ` 18:00`; empty at midnight. */
function nameTime(at: Date, zone: TimeZone): string {
  const time = formatWall(toWallMs(zone, at.getTime())).slice(10);
  return time === ' 00:00' ? '' : time;
}
