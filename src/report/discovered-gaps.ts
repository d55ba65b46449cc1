import { isUncovered } from '../record/discovery-change.ts';
import type { DiscoveryRecord, Finding } from '../record/discovery-store.ts';
import { describeCoverageGaps } from '../status/coverage-standing.ts';
import { toPrintable } from '../support/printable.ts';
import type { DiscoveredGap, DiscoveredGaps } from './report.ts';

const MAX_GAPS = 500;
const MAX_LENGTH = 300;

/** The results of the last scan for a report. Names come from stores and servers, so they are made printable. */
export function discoveredGaps(record: DiscoveryRecord): DiscoveredGaps {
  return {
    lookedAt: record.endedAt,
    sentence: describeCoverageGaps(record),
    gaps: record.findings.filter(isUncovered).slice(0, MAX_GAPS).map(toGap),
    problems: record.problems
      .filter(({ isError }) => isError)
      .map(({ where, message }) => ({ where: shown(where), message: shown(message) })),
  };
}

function toGap(one: Finding): DiscoveredGap {
  const { kind, state } = one;
  if (one.kind === 'series') {
    const { match, source, content, newestAt } = one;
    return { kind, name: shown(match), state, where: shown(source), content: shown(content), newestAt };
  }
  const where = shown(one.server ?? one.foundIn.join(', '));
  return { kind, name: shown(one.name), state, where, content: one.engine, newestAt: undefined };
}

function shown(text: string): string {
  return toPrintable(text, MAX_LENGTH);
}
