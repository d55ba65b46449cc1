import { BUDGET_SUBJECT, type BudgetMonth } from '../status/budget-month.ts';
import type { NotificationSubject } from './compose-notification.ts';

/** An alert about the month's budget: sent once when runs are skipped because of it, and when the next month begins. */
export function budgetSubject({ month, from, exceeded }: BudgetMonth): NotificationSubject {
  const sentence = exceeded ?? `runs are started in ${month}`;
  return {
    drill: undefined,
    standing: {
      drill: `${BUDGET_SUBJECT}month`,
      owner: undefined,
      tier: undefined,
      state: exceeded === undefined ? 'passed' : 'errored',
      sentence,
      fingerprint: exceeded === undefined ? 'kept' : `exceeded ${month}`,
      since: exceeded === undefined ? undefined : from,
      runId: undefined,
      isFailing: false,
      isProvisional: false,
    },
    run: undefined,
    told: {
      headline: exceeded === undefined ? `BUDGET KEPT: ${sentence}` : `BUDGET SPENT: ${sentence}`,
      facts:
        exceeded === undefined
          ? []
          : [{ label: 'What it means', text: 'Scheduled drills that would pass it are skipped until the month ends.' }],
      nextStep:
        exceeded === undefined
          ? undefined
          : 'Raise `limits.costPerMonth` in the settings, or run what matters: `firedrill run DRILL --over-budget`.',
    },
  };
}
