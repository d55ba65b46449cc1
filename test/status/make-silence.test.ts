import { expect, it } from 'vitest';
import { makeSilence, type SilenceRequest } from '../../src/status/make-silence.ts';

const now = new Date('2026-11-29T12:00:00Z');
const ask = (changes: Partial<SilenceRequest>) =>
  makeSilence({
    match: { owner: 'payments' },
    from: undefined,
    until: undefined,
    for: '4h',
    reason: ' storage migration ',
    pausesRuns: false,
    at: now,
    by: 'alice',
    ...changes,
  });

it('begins now, or at the time given', () => {
  expect(ask({})).toMatchObject({
    from: now,
    until: new Date('2026-11-29T16:00:00Z'),
    reason: 'storage migration',
    id: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
  });
  expect(ask({ from: '2026-12-01 02:00', until: '2026-12-01T06:00+02:00', for: undefined })).toMatchObject({
    from: new Date('2026-12-01T02:00:00Z'),
    until: new Date('2026-12-01T04:00:00Z'),
  });
});

it('begins now when the time given was less than a minute ago', () => {
  const at = new Date('2026-11-29T12:00:59Z');
  expect(ask({ from: '2026-11-29T12:00', at })).toMatchObject({ from: at, until: new Date('2026-11-29T16:00:59Z') });
});

it.each<[string, Partial<SilenceRequest>, string, string]>([
  ['no reason', { reason: ' ' }, 'reason', 'is missing; it is shown in lists, pages and reports'],
  ['a long reason', { reason: 'x'.repeat(301) }, 'reason', 'is longer than 300 characters'],
  ['no end', { for: undefined }, 'for', 'is missing; write a duration such as 4h, or when it ends'],
  ['two ends', { until: '2026-12-01' }, 'until', 'and the duration both say when it ends; keep one'],
  ['a wrong duration', { for: '4' }, 'for', 'must be a duration such as 4h or 2d, not "4"'],
  [
    'a wrong beginning',
    { from: 'tomorrow' },
    'from',
    'must be an instant such as 2026-12-01 02:00 (UTC) or 2026-12-01T02:00+01:00, not "tomorrow"',
  ],
  [
    'an end before the beginning',
    { from: '2026-12-02', until: '2026-12-01', for: undefined },
    'until',
    'must be after the beginning, 2 Dec 2026, 00:00 UTC',
  ],
  ['an end in the past', { from: '2026-11-01', for: '1d' }, 'until', '2 Nov 2026, 00:00 UTC is in the past'],
  [
    'a beginning in the past',
    { from: '2026-11-29 11:58' },
    'from',
    '29 Nov 2026, 11:58 UTC is in the past; without it, the silence begins now',
  ],
  ['more than a year', { for: '400d' }, 'for', 'is more than a year after its beginning'],
  ['a beginning far away', { from: '2028-01-01' }, 'from', 'is more than a year away'],
])('refuses %s', (_, changes, field, message) => {
  expect(ask(changes)).toEqual({ problem: { field, message } });
});
