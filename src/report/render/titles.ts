import { formatAge } from '../../support/quantities.ts';
import { describeFilter, describeNoMatch, isFiltered } from '../filter.ts';
import { isOver } from '../known-then.ts';
import type { CoverageGap, Report } from '../report.ts';
import { formatDate } from './vocabulary.ts';

/** `Recovery report: October 2026`. */
export function titleOf({ period }: Report): string {
  return `Recovery report: ${period.label.replace(/^in (?:the )?/, '').replace(/^last/, 'the last')}`;
}

/** `1 Oct 2026 to 31 Oct 2026 (UTC), tier 1, owner payments; 17 drills, 412 runs`. A period that is not over ends today. */
export function describeScope({ period, madeAt, filter, drillCount, runCount }: Report): string {
  const isNotOver = period.from <= madeAt && madeAt < period.to;
  const lastDay = formatDate(isNotOver ? madeAt : new Date(period.to.getTime() - 1), period.zone);
  const parts = [`${formatDate(period.from, period.zone)} to ${lastDay} (${period.zone})`, ...describeFilter(filter)];
  return `${parts.join(', ')}; ${drillCount} ${drillCount === 1 ? 'drill' : 'drills'}, ${runCount} ${runCount === 1 ? 'run' : 'runs'}`;
}

/** `the 90 days before (3 Jun 2026 to 31 Aug 2026)`, `September`. */
export function describeCompared({ period: { previous, zone } }: Report): string {
  const lastDay = formatDate(new Date(previous.to.getTime() - 1), zone);
  return `${previous.label.replace(/^in /, '')} (${formatDate(previous.from, zone)} to ${lastDay})`;
}

/** `41 d`; `always`; `–` when unknown. */
export function formatGapAge({ kind, ageMs }: Pick<CoverageGap, 'kind' | 'ageMs'>): string {
  if (ageMs !== undefined) return formatAge(ageMs);
  return kind === 'disabled' ? '–' : 'always';
}

export const GAPS: Readonly<Record<CoverageGap['kind'], string>> = {
  never: 'never drilled',
  'failing-long': 'failing for a long time',
  'no-proof': 'drilled without a verdict',
  'not-drilled': 'not drilled',
  overdue: 'overdue',
  broken: 'drill file is invalid',
  'recovery-identity': 'recovery identity not proven',
  'checks-unproven': 'checks not proven',
  disabled: 'disabled',
  'not-scheduled': 'not scheduled',
  retired: 'drill removed',
};

/** How many drills have no gap; having no drills at all is reported differently from having no gaps. */
export function describeCovered({ coverage, filter, madeAt, period }: Report): string {
  const { coveredCount, drillCount, laterCount, scheduleUnknownCount } = coverage;
  const isPast = isOver({ asOf: madeAt, period });
  const later =
    laterCount === 0 ? '' : ` ${laterCount === 1 ? '1 drill was' : `${laterCount} drills were`} first seen later.`;
  if (drillCount === 0 && isFiltered(filter)) return `${describeNoMatch(filter)}.${later}`;
  if (drillCount === 0)
    return `${isPast ? 'No drills are on record from that time' : 'There are no drills'}: nothing is covered.${later}`;
  const unknown =
    scheduleUnknownCount === 0
      ? ''
      : ` The schedule at that time is not on record for ${scheduleUnknownCount === drillCount ? 'any of them' : `${scheduleUnknownCount} of them`}, so their overdue runs are not shown.`;
  return `${sayCovered(coveredCount, drillCount, isPast)}${later}${unknown}`;
}

function sayCovered(coveredCount: number, drillCount: number, isPast: boolean): string {
  if (coveredCount === 0) return `Every drill ${isPast ? 'had' : 'has'} a coverage gap.`;
  if (coveredCount === drillCount) return `No drill ${isPast ? 'had' : 'has'} a coverage gap.`;
  return `${coveredCount} of ${drillCount} drills ${isPast ? 'had' : 'have'} no coverage gap.`;
}
