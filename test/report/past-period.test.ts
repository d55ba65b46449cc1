import { describe, expect, test } from 'vitest';
import type { Acknowledgement } from '../../src/record/acknowledgement-store.ts';
import type { ReportInput } from '../../src/report/input.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { readReport } from '../../src/report/read-report.ts';
import { readRuns } from '../../src/report/read-runs.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { passedRun } from '../support/run-records.ts';
import { CONTEXT, failedFact, historyOf, inputOf, NOW, passedFact, standingOfDrill } from './facts.ts';

const OCTOBER = { from: new Date('2026-10-01T00:00:00Z'), to: new Date('2026-11-01T00:00:00Z'), zone: 'UTC' };
const at = (text: string) => new Date(`${text}T12:00:00Z`);
const past = (changes: Partial<ReportInput>) => makeReport(inputOf({ period: OCTOBER, ...changes }));
const THEN = { ...CONTEXT, tier: 3, owner: 'legacy', rtoMs: 3_600_000 };

describe('a report on a past period states what the runs of a drill recorded then', () => {
  const histories = [historyOf([passedFact(30, 20, { context: THEN })])];
  const standings = [
    standingOfDrill('orders', { tier: 0, owner: 'payments', objectives: { ...CONTEXT, rtoMs: 60_000 } }),
  ];

  test('as tier, owner and RTO, whatever they are now', () => {
    const report = past({ histories, standings });
    expect(report.drills).toMatchObject([{ drill: 'orders', tier: 3, owner: 'legacy', rtoMs: 3_600_000 }]);
    expect(report.trends).toMatchObject([{ tier: 3, owner: 'legacy', rtoMs: 3_600_000 }]);
    expect(report.attainment.tiers.map(({ tier }) => tier)).toEqual([3]);
  });

  test('while a report on the present states the current ones', () => {
    const report = makeReport(inputOf({ histories: [historyOf([passedFact(3, 20, { context: THEN })])], standings }));
    expect(report.drills).toMatchObject([{ tier: 0, owner: 'payments', rtoMs: 60_000 }]);
  });

  test.each([
    [{ tier: 3 }, 1],
    [{ tier: 0 }, 0],
    [{ owner: 'legacy' }, 1],
    [{ owner: 'payments' }, 0],
  ])('and a filter for %j uses those values', (filter, count) => {
    expect(past({ histories, standings, filter }).drillCount).toBe(count);
  });

  test('and does the same when read from a store, and for exported runs', async () => {
    await using store = createMemoryStore();
    const run = passedRun({ id: 'then', startedAt: at('2026-10-12'), tier: 3, owner: 'legacy' });
    await store.claim({ ...run, status: 'running' });
    await store.finish(run);
    const request = { asOf: NOW, period: OCTOBER, filter: { owner: 'legacy' } };
    expect((await readReport(store, standings, request)).drills).toMatchObject([{ drill: 'orders', owner: 'legacy' }]);
    const exported = async (owner: string) => {
      const ids: string[] = [];
      for await (const runs of readRuns(store, standings, { ...request, filter: { owner } }))
        ids.push(...runs.map(({ id }) => id));
      return ids;
    };
    expect([await exported('legacy'), await exported('payments')]).toEqual([['then'], []]);
  });
});

test('a drill that had not run by the end of the period has no recorded tier and owner', () => {
  const standing = { ...standingOfDrill('new', {}, 'never'), state: undefined };
  expect(past({ standings: [standing] }).drills).toEqual([]);
});

describe('acknowledgements in a report are those of the period, as of its end', () => {
  const said = (changes: Partial<Acknowledgement>): Acknowledgement => ({
    drill: 'orders',
    kind: 'acknowledged',
    fingerprint: 'f',
    at: at('2026-10-10'),
    by: 'alice',
    reason: 'new disks come on Monday',
    until: undefined,
    ended: undefined,
    ...changes,
  });
  const listed = (changes: Partial<Acknowledgement>) =>
    past({ histories: [historyOf([failedFact(30)])], acknowledgements: [said(changes)] }).acknowledgements;

  test.each([
    ['open', {}, undefined],
    ['ended after the period', { ended: { at: at('2026-11-05'), by: 'bob' } }, undefined],
    ['ended in the period', { ended: { at: at('2026-10-20'), by: 'bob' } }, { at: at('2026-10-20'), by: 'bob' }],
    ['run out in the period', { until: at('2026-10-15') }, { at: at('2026-10-15'), by: undefined }],
    ['run out after it', { until: at('2026-11-15') }, undefined],
    [
      'run out before somebody ended it',
      { until: at('2026-10-15'), ended: { at: at('2026-10-16'), by: 'bob' } },
      { at: at('2026-10-15'), by: undefined },
    ],
    ['made before the period and still open in it', { at: at('2026-09-01') }, undefined],
  ])('%s', (_what, changes, ended) => {
    expect(listed(changes)).toMatchObject([{ drill: 'orders', by: 'alice', ended }]);
  });

  test.each([
    ['made after the period', { at: at('2026-11-02') }],
    ['over before it', { at: at('2026-09-01'), ended: { at: at('2026-09-02'), by: 'bob' } }],
    ['of a drill that the report leaves out', { drill: 'other' }],
  ])('but not one that was %s', (_what, changes) => {
    expect(listed(changes)).toEqual([]);
  });

  test('without control characters, which users can paste', () => {
    expect(listed({ reason: 'a\u001b[31mb', by: 'eve\n' })).toMatchObject([{ reason: 'a\\u001b[31mb', by: 'eve\\n' }]);
  });
});

test('an acceptance after the period is not shown in it', () => {
  const accepted = (day: string) => ({ by: 'bob', at: at(day), reason: 'wanted', checks: [] });
  const evidence = (day: string) => [
    passedRun({ id: 'run', startedAt: at('2026-10-10'), accepted: accepted(day) as never }),
  ];
  const shown = (day: string) => past({ evidence: evidence(day) }).audit.runs.map((run) => run.accepted?.by);
  expect([shown('2026-10-11'), shown('2026-11-11')]).toEqual([['bob'], [undefined]]);
});
