import { describe, expect, it } from 'vitest';
import type { Silence, SilenceMatch } from '../../src/record/silence-store.ts';
import { makeTimetable, nextStart } from '../../src/schedule/timetable.ts';
import {
  describeMatch,
  matchesDrill,
  phaseOf,
  quietOf,
  silenceAhead,
  silencedNow,
  withPauses,
} from '../../src/status/silenced.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 29, hour));
const orders = { name: 'orders', owner: 'payments', tier: 1, labels: { service: 'shop', region: 'eu' } };

function silence(changes: Partial<Silence> = {}): Silence {
  return {
    id: '00c0ffee',
    match: { drills: ['orders'] },
    from: at(2),
    until: at(6),
    reason: 'storage migration',
    pausesRuns: false,
    at: at(0),
    by: 'alice',
    ended: undefined,
    ...changes,
  };
}

it.each<[string, SilenceMatch, boolean]>([
  ['a name', { drills: ['ledger', 'orders'] }, true],
  ['another name', { drills: ['ledger'] }, false],
  ['owner and tier', { owner: 'payments', tier: 1 }, true],
  ['owner and another tier', { owner: 'payments', tier: 2 }, false],
  ['a label', { labels: { service: 'shop' } }, true],
  ['two labels of which one differs', { labels: { service: 'shop', region: 'us' } }, false],
  ['a label that it has not', { labels: { team: 'a' } }, false],
  ['a name and an owner that differs', { drills: ['orders'], owner: 'finance' }, false],
  ['nothing: all drills', {}, true],
])('a silence by %s applies or not', (_, match, applies) => {
  expect(matchesDrill(match, orders)).toBe(applies);
});

it('applies from its start, and no longer at its end', () => {
  expect([1, 2, 5, 6].map((hour) => silencedNow([silence()], orders, at(hour)) !== undefined)).toEqual([
    ...[false, true, true, false],
  ]);
  expect([1, 2, 6].map((hour) => phaseOf(silence(), at(hour)))).toEqual(['planned', 'active', 'over']);
});

it('is over when it is ended early, and never applies when it was removed before its start', () => {
  const ended = silence({ ended: { at: at(4), by: 'bob' } });
  expect([3, 4].map((hour) => phaseOf(ended, at(hour)))).toEqual(['active', 'over']);
  const withdrawn = silence({ ended: { at: at(1), by: 'bob' }, pausesRuns: true });
  expect(silencedNow([withdrawn], orders, at(3))).toBeUndefined();
  expect(withPauses({ ...orders, schedule: nightly }, [withdrawn]).schedule).toBe(nightly);
});

it('says which of several ends last, and which comes next', () => {
  const longer = silence({ id: '0000beef', until: at(8), by: 'bob', pausesRuns: true });
  expect(silencedNow([silence(), longer], orders, at(3))?.sentence).toBe(
    'silenced and paused until 29 Nov 2026, 08:00 UTC by bob: storage migration',
  );
  expect(silenceAhead([silence(), longer], orders, at(1))?.sentence).toBe(
    'no alerts from 29 Nov 2026, 02:00 UTC for 4 h, planned by alice: storage migration',
  );
});

it('a silence takes precedence over an acknowledgement', () => {
  const acknowledged = {
    kind: 'acknowledged',
    at: at(1),
    by: 'bob',
    reason: 'x',
    until: undefined,
    sentence: 'known',
  } as const;
  expect(quietOf({ acknowledged })?.kind).toBe('acknowledged');
  expect(quietOf({ acknowledged, silenced: silencedNow([silence()], orders, at(3)) })?.kind).toBe('silenced');
  expect(quietOf({})).toBeUndefined();
});

it.each<[SilenceMatch, string]>([
  [{}, 'all drills'],
  [{ drills: ['orders', 'ledger'] }, 'orders, ledger'],
  [{ owner: 'payments', tier: 1, labels: { service: 'shop' } }, 'owner payments, tier 1, service=shop'],
])('describes %j', (match, text) => {
  expect(describeMatch(match)).toBe(text);
});

const nightly = {
  cron: '30 3 * * *',
  onNewBackup: undefined,
  timezone: 'UTC',
  missed: 'run-once' as const,
  jitterMs: 0,
  notDuring: [],
  freezes: [],
  overdueAfterMs: 900_000,
};

describe('pauses', () => {
  const next = (silences: readonly Silence[]) => {
    const { schedule } = withPauses({ ...orders, schedule: nightly }, silences);
    return nextStart(makeTimetable('orders', schedule), at(0))?.at.toISOString();
  };

  it('block the runs that are due during them', () => {
    expect(next([])).toBe('2026-11-29T03:30:00.000Z');
    expect(next([silence({ pausesRuns: true })])).toBe('2026-11-30T03:30:00.000Z');
  });

  it('come only from silences that pause runs, for this drill', () => {
    expect(next([silence(), silence({ match: { drills: ['ledger'] }, pausesRuns: true })])).toBe(
      '2026-11-29T03:30:00.000Z',
    );
  });

  it('count from when they were created', () => {
    const drill = { ...orders, schedule: nightly };
    const backdated = silence({ pausesRuns: true, at: at(4) });
    expect(withPauses(drill, [backdated]).schedule).toMatchObject({ pauses: [{ from: at(4), until: at(6) }] });
    expect(withPauses(drill, [silence({ pausesRuns: true, at: at(7) })]).schedule).toBe(nightly);
  });

  it('end when their silence is ended', () => {
    expect(next([silence({ pausesRuns: true, ended: { at: at(3), by: 'bob' } })])).toBe('2026-11-29T03:30:00.000Z');
  });
});
