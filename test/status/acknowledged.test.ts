import { expect, it } from 'vitest';
import type { Acknowledgement } from '../../src/record/acknowledgement-store.ts';
import { acknowledgedNow } from '../../src/status/acknowledged.ts';
import type { Standing } from '../../src/status/standing.ts';
import { NOON } from '../support/run-records.ts';

const at = (hours: number) => new Date(NOON.getTime() + hours * 3_600_000);
const failing: Pick<Standing, 'state' | 'fingerprint' | 'since' | 'isFailing'> = {
  state: 'failed',
  fingerprint: 'failed:too-slow',
  since: at(-40),
  isFailing: true,
};
const made: Acknowledgement = {
  drill: 'orders',
  kind: 'acknowledged',
  fingerprint: 'failed:too-slow',
  at: at(0),
  by: 'alice',
  reason: 'new disks come on Monday',
  until: undefined,
  ended: undefined,
};
const ran = (verdict: 'passed' | 'failed', hours: number) => ({ verdict, startedAt: at(hours) });

it.each<[string, Partial<Acknowledgement>, Partial<typeof failing>, ReturnType<typeof ran>[], boolean]>([
  ['the problem lasts', {}, {}, [ran('failed', 20), ran('failed', -4)], true],
  [
    'it fails for longer than the runs that are read',
    {},
    { since: at(3) },
    [ran('failed', 20), ran('failed', 3)],
    true,
  ],
  ['another problem came', {}, { fingerprint: 'failed:wrong-data' }, [ran('failed', 20)], false],
  ['it passed and fails again in the same way', {}, {}, [ran('failed', 20), ran('passed', 10)], false],
  ['it passed before', {}, {}, [ran('failed', -1), ran('passed', -9)], true],
  ['a run is in progress', {}, { state: 'running', fingerprint: 'running' }, [ran('failed', -4)], true],
  ['its time is over', { until: at(24) }, {}, [], false],
  ['its time is not over', { until: at(25) }, {}, [], true],
  ['somebody ended it', { ended: { at: at(2), by: 'bob' } }, {}, [], false],
  [
    'it is overdue again',
    { fingerprint: 'overdue' },
    { state: 'overdue', fingerprint: 'overdue', since: at(9) },
    [],
    false,
  ],
  ['it is still overdue', { fingerprint: 'overdue' }, { state: 'overdue', fingerprint: 'overdue' }, [], true],
  [
    'everything is snoozed',
    { kind: 'snoozed', fingerprint: undefined, until: at(30) },
    { fingerprint: 'failed:wrong-data' },
    [ran('passed', 10)],
    true,
  ],
])('counts, or not, when %s', (_when, changes, standing, runs, counts) => {
  const found = acknowledgedNow({ ...made, ...changes }, { ...failing, ...standing }, runs, at(24));
  expect(found !== undefined).toBe(counts);
});

it('says who acknowledged or snoozed a problem, and until when', () => {
  const sentence = (changes: Partial<Acknowledgement>) =>
    acknowledgedNow({ ...made, ...changes }, failing, [], at(1))?.sentence;
  expect(sentence({})).toBe('acknowledged by alice: new disks come on Monday');
  expect(sentence({ kind: 'snoozed', until: at(44) })).toBe(
    'snoozed by alice until 23 Nov 2026, 08:00 UTC: new disks come on Monday',
  );
});
