import { expect, it } from 'vitest';
import { describeBisection, formatBisection, formatBisectPlan } from '../../src/cli/bisect-text.ts';
import type { Bisection, Tried } from '../../src/run/bisect/bisect-drill.ts';
import type { Finding } from '../../src/run/bisect/search.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';

const reasons = [{ reason: 'wrong-data', sentence: '1 of 2 checks failed', hint: undefined }] as const;
const RUNS = { good: passedRun(), bad: failedRun({ reasons }), unknown: passedRun({ status: 'errored' }) };

function tried(day: number, finding: Finding): Tried {
  const takenAt = new Date(Date.UTC(2026, 10, day, 3));
  const backup = { key: `orders-${day}.sql`, takenAt, sizeBytes: 1, identity: '', seenAt: NOON };
  return { backup, finding, run: RUNS[finding], isRecorded: false };
}
function bisection(end: Bisection['end'], ...all: Tried[]): Bisection {
  const good = all.find(({ finding }) => finding === 'good');
  const newer = good ? all.slice(0, all.indexOf(good)) : all;
  return { end, good, bad: newer.findLast(({ finding }) => finding === 'bad'), tried: all };
}

const GOOD = 'newest good backup: orders-18.sql, taken 18 Nov 2026, 03:00 UTC';
const BAD = 'orders-20.sql, taken 20 Nov 2026, 03:00 UTC (wrong-data: 1 of 2 checks failed)';

it.each([
  ['a boundary', bisection('found', tried(20, 'bad'), tried(18, 'good')), [`${GOOD}; first bad: ${BAD}`]],
  ['the newest is good', bisection('found', tried(18, 'good')), [GOOD, 'it is the newest of all']],
  [
    'one without a verdict between',
    bisection('found', tried(20, 'bad'), tried(19, 'unknown'), tried(18, 'good')),
    [`${GOOD}; first bad: ${BAD}`, 'no verdict, may be good: orders-19.sql'],
  ],
  [
    'a bad one that is older',
    bisection('found', tried(20, 'bad'), tried(18, 'good'), tried(17, 'bad')),
    [
      `${GOOD}; first bad: ${BAD}`,
      'warning: bad although older than a good one: orders-17.sql; there may be good ones newer than found',
    ],
  ],
  [
    'none',
    bisection('none', tried(21, 'bad'), tried(20, 'bad')),
    [`no good backup: even the oldest in range is bad; oldest bad backup: ${BAD}`],
  ],
  [
    'errored runs',
    bisection('unclear', tried(20, 'bad'), tried(19, 'unknown')),
    [
      `not determined: 1 run without a verdict; so far, oldest bad backup: ${BAD}`,
      'no verdict, may be good: orders-19.sql',
    ],
  ],
  ['interrupted', bisection('interrupted'), ['interrupted']],
])('reports the result: %s', (_title, found, lines) => {
  expect(describeBisection(found)).toEqual(lines);
});

it('lists the backups tried, and beforehand what a search will take', () => {
  const { backup } = tried(18, 'good');
  const lines = formatBisection(bisection('found', tried(18, 'good')), NOON, (_format, text) => text);
  expect(lines[0]).toMatch(/^DATA +BACKUP +TAKEN +RUN +WHY\ngood +orders-18\.sql +3 d ago +\S+ +passed$/);
  const plan = { backups: [tried(20, 'bad').backup, backup], warnings: [], known: 1, restores: 2 };
  expect(formatBisectPlan({ ...plan, perRestore: { recoveryTimeMs: 60_000, fromRuns: 3 } })).toEqual([
    '2 backups, taken 18 Nov 2026, 03:00 UTC to 20 Nov 2026, 03:00 UTC; 1 already known from recorded runs (--fresh runs them again)',
    'at most 2 restores, 2 min (1 min each, from the last 3 passing runs)',
    'assumes that all backups after a bad one are bad too',
  ]);
});
