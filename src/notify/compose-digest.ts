import { describeRecovery, stateOf } from '../record/history-view.ts';
import type { RunRecord } from '../record/run-record.ts';
import { compareStandings } from '../status/standing.ts';
import { formatDuration } from '../support/quantities.ts';
import { STANDING_STATES, type StandingState } from '../support/vocabulary.ts';
import type { ComposeContext, NotificationSubject } from './compose-notification.ts';
import { isTrouble } from './decide-notification.ts';
import type { Notification } from './notification.ts';
import { describeState, printableNotification } from './notification-text.ts';

const MAX_ROWS = 500;

/**
 * Composes the digest: a row for each drill, worst first, and a summary of the runs.
 * @param runs those that ended within the digest's period.
 */
export function composeDigest(
  subjects: readonly NotificationSubject[],
  runs: readonly RunRecord[],
  { id, now, publicUrl }: ComposeContext,
): Notification {
  const sorted = subjects.toSorted((a, b) => compareStandings(a.standing, b.standing));
  const bad = sorted.filter(({ standing }) => isTrouble(standing)).length;
  const drills = sorted.length === 1 ? '1 drill' : `${sorted.length} drills`;
  const facts = [
    { label: 'Runs', text: describeRuns(runs) },
    ...describeClosest(runs).map((text) => ({ label: 'Closest to its RTO', text })),
  ];
  return printableNotification({
    id,
    kind: 'digest',
    at: now.toISOString(),
    drill: undefined,
    state: sorted.find(({ standing }) => isTrouble(standing))?.standing.state ?? 'passed',
    headline: bad === 0 ? `All good: ${drills}` : `${bad} of ${drills} need attention`,
    since: undefined,
    facts,
    nextStep: undefined,
    links: publicUrl === undefined ? [] : [{ label: 'All drills', url: publicUrl }],
    rows: sorted.slice(0, MAX_ROWS).map(({ standing, run, quiet }) => ({
      state: standing.state,
      drill: standing.drill.replace(/^file:/, ''),
      text: [standing.sentence, quiet?.sentence, run && describeRecovery(run)].filter(Boolean).join('; '),
    })),
  });
}

/** `12: 1 FAILED, 11 passed`. */
function describeRuns(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return 'none';
  const counts = new Map<StandingState, number>();
  for (const state of runs.map(stateOf)) {
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const words = STANDING_STATES.flatMap((state) => {
    const count = counts.get(state);
    return count === undefined ? [] : [`${count} ${describeState(state)}`];
  });
  return `${runs.length}: ${words.join(', ')}`;
}

/** The passed run that came closest to its RTO. */
function describeClosest(runs: readonly RunRecord[]): string[] {
  const shareOf = (run: RunRecord) => (run.recoveryTimeMs ?? 0) / run.objectives.rtoMs;
  const timed = runs.filter(({ verdict, recoveryTimeMs }) => verdict === 'passed' && recoveryTimeMs !== undefined);
  const [closest] = timed.toSorted((a, b) => shareOf(b) - shareOf(a));
  if (!closest) return [];
  const { drill, recoveryTimeMs = 0, objectives } = closest;
  const share = `${Math.round(shareOf(closest) * 100)} %`;
  return [`${drill}: ${formatDuration(recoveryTimeMs)} (${share} of the RTO of ${formatDuration(objectives.rtoMs)})`];
}
