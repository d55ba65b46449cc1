import { describe, expect, it } from 'vitest';
import type { Freeze, Schedule } from '../../src/config/drill-file.ts';
import { REPORT_FORMAT_KINDS } from '../../src/report/format-registry.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { historyOf, inputOf, NOW, passedFact, standingOfDrill } from './facts.ts';

/** @returns the gaps of a drill that ran yesterday, as of midnight of 21 November in UTC. */
function gapsOf(freezes: readonly Freeze[], changes: Partial<Schedule> = {}) {
  const schedule = scheduleOf({ freezes, ...changes });
  return reportOf(schedule).coverage.gaps;
}

function reportOf(schedule: Schedule) {
  return makeReport(
    inputOf({ standings: [standingOfDrill('orders', { schedule })], histories: [historyOf([passedFact(1)])] }),
  );
}

describe('a drill blocked by a freeze', () => {
  it('is a gap, with its days and its age', () => {
    expect(gapsOf([{ from: '2026-11-03 00:00', until: '2027-01-01 00:00' }])).toEqual([
      {
        kind: 'disabled',
        drill: 'orders',
        tier: 1,
        owner: 'payments',
        since: new Date('2026-11-03T00:00:00.000Z'),
        ageMs: 18 * 86_400_000,
        sentence: 'disabled by a freeze since 3 November until 31 December',
        runId: undefined,
      },
    ]);
  });

  it('is a gap of unknown age when the freeze has no start', () => {
    expect(gapsOf([{ from: undefined, until: '2026-12-08 18:30' }])).toMatchObject([
      { since: undefined, ageMs: undefined, sentence: 'disabled by a freeze until 8 December 18:30' },
    ]);
  });

  it.each([
    ['is over', [{ from: '2026-11-03 00:00', until: '2026-11-21 00:00' }]],
    ['lies ahead', [{ from: '2026-11-21 00:01', until: '2026-12-08 00:00' }]],
    [
      'is over, and the next is in the future',
      [
        { from: undefined, until: '2026-11-20 00:00' },
        { from: '2026-11-22 00:00', until: '2026-11-23 00:00' },
      ],
    ],
    ['does not exist', []],
  ])('is not a gap when the freeze %s', (_, freezes) => {
    expect(gapsOf(freezes)).toEqual([]);
  });

  it('counts adjacent freezes as one', () => {
    const freezes = [
      { from: '2026-12-01 00:00', until: '2028-01-01 00:00' },
      { from: '2026-11-10 00:00', until: '2026-12-01 00:00' },
      { from: '2026-11-01 00:00', until: '2026-11-05 00:00' },
    ];
    expect(gapsOf(freezes)[0]?.sentence).toBe('disabled by a freeze since 10 November until 31 December 2027');
  });

  it('is blocked, and described, in the time zone of the freeze', () => {
    const freezes = [{ from: '2026-11-21 09:00', until: '2026-11-25 00:00' }];
    expect(gapsOf(freezes, { timezone: 'Asia/Tokyo' })[0]).toMatchObject({
      since: NOW,
      sentence: 'disabled by a freeze since 21 November 09:00 until 24 November (Asia/Tokyo)',
    });
    expect(gapsOf(freezes, { timezone: 'Europe/Berlin' })).toEqual([]);
  });

  it.each(['html', 'md', 'json'] as const)('is described in %s', async (format) => {
    const schedule = scheduleOf({ freezes: [{ from: undefined, until: '2026-12-09 00:00' }] });
    const text = await REPORT_FORMAT_KINDS[format].render(reportOf(schedule), { version: '0.1.0' });
    expect(text).toContain('disabled by a freeze until 8 December');
    expect(text).not.toContain('ever</td>');
  });
});
