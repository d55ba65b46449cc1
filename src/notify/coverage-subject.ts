import { describeGap, isUncovered } from '../record/discovery-change.ts';
import type { DiscoveryRecord } from '../record/discovery-store.ts';
import { coverageStanding } from '../status/coverage-standing.ts';
import { formatCount } from '../support/quantities.ts';
import type { NotificationSubject } from './compose-notification.ts';

/** Any more are only counted. */
const MAX_NAMED = 10;

/** An alert about the results of the last scan for uncovered backups and databases. */
export function coverageSubject(record: DiscoveryRecord): NotificationSubject {
  const standing = coverageStanding(record);
  const gaps = record.findings.filter(isUncovered).map(describeGap);
  const { newGaps, closedGaps } = record;
  const facts: [string, string | undefined][] = [
    ['New', list(newGaps)],
    ['Closed', list(closedGaps)],
    ['Not covered', newGaps.length === gaps.length ? undefined : list(gaps)],
  ];
  const isOpen = gaps.length > 0;
  return {
    drill: undefined,
    standing,
    run: undefined,
    told: {
      headline: `${isOpen ? 'NOT COVERED' : 'COVERED'}: ${standing.sentence}`,
      facts: facts.flatMap(([label, text]) => (text === undefined ? [] : [{ label, text }])),
      nextStep: isOpen
        ? 'See them with `firedrill discover`, and make the missing drills with `firedrill discover --write`.'
        : undefined,
    },
  };
}

function list(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const more = names.length > MAX_NAMED ? ` and ${formatCount(names.length - MAX_NAMED)} more` : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}
