import { ERRORS_SAY_NOTHING } from '../status/backup-doubt.ts';
import { describeRate, explainErrors } from '../status/explain-requests.ts';
import { providerStanding } from '../status/provider-standing.ts';
import type { EndpointRate } from '../status/request-rates.ts';
import type { NotificationSubject } from './compose-notification.ts';

/** An alert about a store whose requests fail more often than usual, or no longer do. */
export function providerSubject(rate: EndpointRate): NotificationSubject {
  const standing = providerStanding(rate);
  const isUnusual = rate.state === 'unusual';
  const unusual = rate.operations.filter(({ state }) => state === 'unusual');
  const facts = isUnusual
    ? [
        ...unusual.map((one) => ({ label: one.operation, text: describeRate(one) })),
        { label: 'What it means', text: explainErrors(rate).join(' ') },
        {
          label: 'Backups',
          text: `${ERRORS_SAY_NOTHING} The ticket file lists the runs with request errors, and what each found.`,
        },
      ]
    : [{ label: 'Requests', text: standing.sentence }];
  return {
    drill: undefined,
    standing,
    run: undefined,
    told: {
      headline: isUnusual
        ? `STORE FAILS MORE OFTEN THAN USUAL ${rate.endpoint}: ${standing.sentence}`
        : `STORE AS USUAL ${rate.endpoint}: ${standing.sentence}`,
      facts,
      nextStep: isUnusual
        ? 'Make the file for a support ticket with `firedrill evidence requests --since 24h`.'
        : undefined,
    },
  };
}
