import { expect, test } from 'vitest';
import { composeGone, composeNotification } from '../../src/notify/compose-notification.ts';
import { coverageSubject } from '../../src/notify/coverage-subject.ts';
import { decideNotification } from '../../src/notify/decide-notification.ts';
import { coverageStanding } from '../../src/status/coverage-standing.ts';
import { databaseFinding, discoveryOf, LOOKED_AT, seriesFinding } from '../support/discoveries.ts';

const CONTEXT = { id: '1', now: LOOKED_AT, publicUrl: 'https://firedrill.example.com' };
const GAP = discoveryOf([seriesFinding()], { newGaps: ['s3://acme/ crm-*.sql'] });
const TWO = discoveryOf([seriesFinding(), databaseFinding()], { newGaps: ['database wiki on postgres://db1'] });
const NONE = discoveryOf([seriesFinding({ state: 'covered' })], { closedGaps: ['s3://acme/ crm-*.sql'] });

test('reports new gaps, another set of gaps and the end of all of them, once each', () => {
  const decide = (record: typeof GAP, alert: Parameters<typeof decideNotification>[0]) =>
    decideNotification(alert, coverageStanding(record), LOOKED_AT, 'daily');
  const first = decide(GAP, undefined);
  expect(first?.kind).toBe('problem');
  expect(decide(GAP, first?.nextAlert)).toBeUndefined();
  const second = decide(TWO, first?.nextAlert);
  expect(second?.kind).toBe('changed');
  expect(decide(NONE, second?.nextAlert)?.kind).toBe('resolved');
  expect(decide(NONE, undefined)).toBeUndefined();
});

test('says what is new, and what to do', () => {
  expect(composeNotification('changed', coverageSubject(TWO), CONTEXT)).toMatchObject({
    drill: { name: 'coverage' },
    headline: 'NOT COVERED: 1 series of backups and 1 database are not covered by any drill',
    facts: [
      { label: 'New', text: 'database wiki on postgres://db1' },
      { label: 'Not covered', text: 's3://acme/ crm-*.sql, database wiki on postgres://db1' },
    ],
    links: [{ label: 'Overview', url: 'https://firedrill.example.com' }],
  });
  expect(composeNotification('resolved', coverageSubject(NONE), CONTEXT)).toMatchObject({
    headline: 'COVERED: everything that was found is covered by a drill',
    facts: [{ label: 'Closed', text: 's3://acme/ crm-*.sql' }],
  });
  expect(composeGone('discover:coverage', CONTEXT).headline).toBe('OVER coverage: discovery no longer reads it');
});
