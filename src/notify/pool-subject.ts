import { POOL_SUBJECT, type PoolService } from '../status/pool-service.ts';
import type { NotificationSubject } from './compose-notification.ts';

/** A runner that is restarted or upgraded is back within this time. */
const GRACE_MS = 5 * 60_000;

/** An alert about a pool that no runner serves, or that is served again. */
export function poolSubject({ pool, isServed, sentence, lastSeenAt }: PoolService, now: Date): NotificationSubject {
  return {
    drill: undefined,
    standing: {
      drill: `${POOL_SUBJECT}${pool}`,
      owner: undefined,
      tier: undefined,
      state: isServed ? 'passed' : 'errored',
      sentence,
      fingerprint: isServed ? 'served' : 'no-runner',
      since: lastSeenAt,
      runId: undefined,
      isFailing: false,
      isProvisional: !isServed && lastSeenAt !== undefined && now.getTime() - lastSeenAt.getTime() < GRACE_MS,
    },
    run: undefined,
    told: {
      headline: isServed ? `POOL SERVED ${pool}: ${sentence}` : `NO RUNNER ${pool}: ${sentence}`,
      facts: isServed ? [] : [{ label: 'What it means', text: 'Its drills are queued and do not run.' }],
      nextStep: isServed ? undefined : `Start one on a machine of that pool: \`firedrill runner --pool ${pool}\`.`,
    },
  };
}
