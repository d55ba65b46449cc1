import type { Acknowledgement } from '../record/acknowledgement-store.ts';
import type { Silence } from '../record/silence-store.ts';
import { describeMatch, endOfSilence, matchesDrill } from '../status/silenced.ts';
import { toPrintable } from '../support/printable.ts';
import type { DigestContext, DrillDigest } from './drill-digest.ts';
import { endOf } from './known-then.ts';
import type { ReportAcknowledgement, ReportSilence } from './report-summary.ts';

const MAX_REASON = 300;

/**
 * The acknowledgements in effect at some time in the period, newest first, in their state at its end: one that was ended later was still in effect.
 * @param digests drills that the report includes; acknowledgements of others are left out.
 */
export function describeAcknowledgements(
  acknowledgements: readonly Acknowledgement[],
  digests: readonly DrillDigest[],
  context: Pick<DigestContext, 'asOf' | 'period'>,
): readonly ReportAcknowledgement[] {
  const tiers = new Map(digests.map(({ drill, tier }) => [drill, tier]));
  const end = endOf(context);
  return acknowledgements
    .filter(({ drill, at }) => tiers.has(drill) && at < end)
    .filter((one) => (endedBy(one, end)?.at ?? end) > context.period.from)
    .toSorted((a, b) => +b.at - +a.at)
    .map((one) => ({
      drill: one.drill,
      tier: tiers.get(one.drill),
      kind: one.kind,
      by: toPrintable(one.by),
      at: one.at,
      reason: toPrintable(one.reason, MAX_REASON),
      until: one.until,
      ended: endedBy(one, end),
    }));
}

function endedBy({ until, ended }: Acknowledgement, end: Date): ReportAcknowledgement['ended'] {
  if (ended && ended.at < end && !(until && until <= ended.at)) return { at: ended.at, by: toPrintable(ended.by) };
  return until && until <= end ? { at: until, by: undefined } : undefined;
}

/**
 * The silences that overlap the period and were created by its end, newest first; one that was ended later was still in effect.
 * @param digests drills that the report includes. A silence by name, owner or tier is included if it matches one of them; one by labels always is, because past
 * labels are not on record.
 */
export function describeSilences(
  silences: readonly Silence[],
  digests: readonly DrillDigest[],
  context: Pick<DigestContext, 'asOf' | 'period'>,
): readonly ReportSilence[] {
  const end = endOf(context);
  return silences
    .filter(({ at, from }) => at < end && from < end)
    .map((one) => ({ ...one, ended: one.ended && one.ended.at < end ? one.ended : undefined }))
    .filter((one) => endOfSilence(one) > context.period.from && endOfSilence(one) > one.from)
    .filter(({ match: { labels: _labels, ...match } }) =>
      digests.some(({ drill, owner, tier }) => matchesDrill(match, { name: drill, owner, tier, labels: undefined })),
    )
    .toSorted((a, b) => +b.from - +a.from)
    .map(({ match, from, until, pausesRuns, by, reason, ended }) => ({
      match: describeMatch(match),
      from,
      until,
      pausesRuns,
      by: toPrintable(by),
      reason: toPrintable(reason, MAX_REASON),
      ended: ended && { at: ended.at, by: toPrintable(ended.by) },
    }));
}
