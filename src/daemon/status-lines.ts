import { formatInstant } from '../support/instants.ts';
import { formatDuration } from '../support/quantities.ts';
import type { DrillCatalog } from './drill-catalog.ts';

/** `12 drills, 10 scheduled; next at 22 Nov 2026, 02:30 UTC`. @param standby shown instead of the next run; undefined: this scheduler leads. */
export function describeReady(
  { drills, broken }: Pick<DrillCatalog, 'drills' | 'broken'>,
  nextDueAt: Date | undefined,
  standby: string | undefined,
): string {
  const scheduled = drills.filter(({ schedule }) => schedule !== undefined).length;
  return [
    `${drills.length === 1 ? '1 drill' : `${drills.length} drills`}, ${scheduled} scheduled`,
    ...(broken.length > 0 ? [`${broken.length} broken`] : []),
    standby ?? (nextDueAt ? `next at ${formatInstant(nextDueAt)}` : 'no run is due'),
  ].join('; ');
}

/** `stopping: orders continues for at most 10 min`. */
export function describeStop(running: readonly string[], graceMs: number): string {
  if (running.length === 0) return 'stopping';
  return `stopping: ${running.join(', ')} ${running.length === 1 ? 'continues' : 'continue'} for at most ${formatDuration(graceMs)}`;
}
