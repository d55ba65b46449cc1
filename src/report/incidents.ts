import type { HistoryEdges, RunEnding, RunFigures } from '../record/report-store.ts';
import { toPrintable } from '../support/printable.ts';
import { REASONS } from '../support/vocabulary.ts';
import type { Incident, IncidentRun } from './report.ts';
import { hasVerdict } from './series.ts';

/** An incident before the endings of its runs have been read. */
export interface FoundIncident {
  readonly kind: Incident['kind'];
  readonly first: RunFigures;
  readonly last: RunFigures;
  /** Facts within the period. */
  readonly facts: readonly RunFigures[];
  readonly resolvedBy: RunFigures | undefined;
}

/**
 * Finds every failure in a period and merges consecutive failed runs into one incident. A run without a verdict neither resolves a failure nor counts as one of
 * its runs; a failure resolves a series without a verdict. An incident that was already open when the period began is described from its start.
 * @param facts of the period, oldest first.
 */
export function findIncidents(facts: readonly RunFigures[], edges: HistoryEdges): readonly FoundIncident[] {
  return [
    ...findRows('failed', facts, edges.failingSince, edges.nextPass),
    ...findRows('no-verdict', facts, edges.brokenSince, edges.nextVerdict),
  ];
}

function findRows(
  kind: Incident['kind'],
  facts: readonly RunFigures[],
  openSince: RunFigures | undefined,
  nextEnd: RunFigures | undefined,
): readonly FoundIncident[] {
  const belongs = kind === 'failed' ? isFailed : isWithoutVerdict;
  const ends = kind === 'failed' ? isPassed : hasVerdict;
  const found: FoundIncident[] = [];
  let first = openSince;
  let own: RunFigures[] = [];
  const close = (resolvedBy: RunFigures | undefined) => {
    if (first) found.push({ kind, first, last: own.at(-1) ?? first, facts: own, resolvedBy });
    first = undefined;
    own = [];
  };
  for (const fact of facts) {
    if (belongs(fact)) {
      first ??= fact;
      own.push(fact);
    } else if (ends(fact)) close(fact);
  }
  close(nextEnd);
  return found;
}

/** Whether the incident was still unresolved at that instant. */
export function isOpen({ resolvedBy }: Pick<FoundIncident, 'resolvedBy'>, at: Date): boolean {
  return !resolvedBy || resolvedBy.startedMs >= at.getTime();
}

/** Describes an incident with the endings of its runs. @param end of the report: an incident that was resolved later was still open then. */
export function describeIncident(
  { kind, first, last, facts, resolvedBy }: FoundIncident,
  endings: ReadonlyMap<string, RunEnding>,
  end: Date,
): Incident {
  const all = [first, ...facts];
  const { drill, context } = last;
  const resolved = resolvedBy && resolvedBy.startedMs < end.getTime() ? resolvedBy : undefined;
  const untilMs = resolved?.startedMs ?? Math.max(end.getTime(), last.startedMs);
  return {
    kind,
    drill,
    tier: context.tier,
    owner: context.owner,
    reasons: REASONS.filter((reason) => all.some(({ reasons }) => reasons.includes(reason))),
    errorCodes: [...new Set(all.flatMap(({ errorCode }) => errorCode ?? []))].toSorted(),
    first: toIncidentRun(first, endings),
    last: toIncidentRun(last, endings),
    runs: facts.length,
    resolved: resolved && { at: new Date(resolved.startedMs), runId: resolved.runId },
    ageMs: untilMs - first.startedMs,
  };
}

function toIncidentRun(fact: RunFigures, endings: ReadonlyMap<string, RunEnding>): IncidentRun {
  return { runId: fact.runId, at: new Date(fact.startedMs), sentence: describeEnding(fact, endings.get(fact.runId)) };
}

/** Why a run ended the way it did; in generic phrases if its ending is not available. */
function describeEnding(fact: RunFigures, ending: RunEnding | undefined): string {
  if (ending && ending.sentences.length > 0) return toPrintable(ending.sentences.join('; '), 1000);
  if (ending?.error) return toPrintable(`${ending.error.code}: ${ending.error.message}`, 1000);
  return fact.reasons.join(', ') || fact.errorCode || fact.outcome;
}

function isFailed({ outcome }: RunFigures): boolean {
  return outcome === 'failed';
}

function isPassed({ outcome }: RunFigures): boolean {
  return outcome === 'passed';
}

function isWithoutVerdict(fact: RunFigures): boolean {
  return !hasVerdict(fact);
}
