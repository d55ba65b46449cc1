import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../../../src/config/check-schema.ts';
import type { CatalogColumn } from '../../../../src/engines/catalog.ts';
import type { Cell } from '../../../../src/engines/query-result.ts';
import { freshnessCheck } from '../../../../src/verify/kinds/freshness/freshness-check.ts';
import { timeReaderOf } from '../../../../src/verify/kinds/freshness/time-reader.ts';
import { fakeCatalog, fakeContext, resultOf, tableOf } from '../../fake-pool.ts';

const HOUR_MS = 3_600_000;
const column = (changes: Partial<CatalogColumn>): CatalogColumn => ({
  table: { schema: 'public', name: 'payment' },
  name: 'paid_at',
  position: 1,
  type: 'some type',
  nullable: true,
  integers: undefined,
  time: undefined,
  ...changes,
});

/** The backup was taken at 03:00. @param answers to the two queries. */
async function judge(
  file: Record<string, unknown>,
  of: Partial<CatalogColumn>,
  answers: readonly (readonly Cell[])[],
  rpoMs?: number,
  lastCommitAt?: Date,
) {
  const spec = checkSchema.parse({ name: 'x', freshness: 'payment.paid_at', ...file }).resolve({
    textOf: () => undefined,
    report: (_path, message) => expect.fail(message),
  });
  if (spec?.kind !== 'freshness') throw new Error('not of this kind');
  const left = [...answers];
  const catalog = fakeCatalog({ tables: [tableOf('payment')], columns: [column(of)] });
  const context = fakeContext(async () => resultOf(left.shift() ?? [null]), {
    catalog,
    rpoMs,
    restore: { isPhysical: lastCommitAt !== undefined, lastCommitAt },
  });
  return freshnessCheck.run(spec, context);
}

const at = (iso: string) => new Date(iso);
const wall = { time: 'wall' as const };
const absolute = { time: 'absolute' as const };

describe('freshness', () => {
  it('compares a recovery from logs with its last transaction, not with the older backup', async () => {
    const within = (value: string, lastCommit: string) =>
      judge({ within: '1h' }, absolute, [[at(value)]], undefined, at(lastCommit));
    expect(await within('2026-11-21T09:30:00Z', '2026-11-21T10:00:00Z')).toMatchObject({
      passed: true,
      expected: 'at most 1 h older than the last transaction, of 2026-11-21T10:00:00.000Z',
      actual: '2026-11-21T09:30:00.000Z, 30 min older',
    });
    expect(await within('2026-11-21T02:59:00Z', '2026-11-21T10:00:00Z')).toMatchObject({
      passed: false,
      actual: '2026-11-21T02:59:00.000Z, 7 h 1 min older',
    });
    expect(await within('2026-11-21T02:30:00Z', '2026-11-20T10:00:00Z')).toMatchObject({
      expected: 'at most 1 h older than the backup of 2026-11-21T03:00:00.000Z',
    });
  });

  it.each([
    [
      'a recent value',
      { within: '1h' },
      absolute,
      [[at('2026-11-21T02:30:00Z')]],
      true,
      '2026-11-21T02:30:00.000Z, 30 min older',
    ],
    [
      'an old value',
      { within: '1h' },
      absolute,
      [[at('2026-11-21T01:30:00Z')]],
      false,
      '2026-11-21T01:30:00.000Z, 1 h 30 min older',
    ],
    ['no value', { within: '1h' }, absolute, [[null]], false, 'no value'],
    [
      'a zero date',
      { within: '1h' },
      absolute,
      [['0000-00-00 00:00:00'], ['0000-00-00 00:00:00', 0]],
      false,
      "'0000-00-00 00:00:00', which is not an instant",
    ],
    [
      'a due date in the future, which hides old data',
      { within: '1h' },
      absolute,
      [[at('2027-01-01T00:00:00Z')], [at('2026-11-20T03:00:00Z'), '2']],
      false,
      '2026-11-20T03:00:00.000Z, 24 h older; 2 values more than 10 min after the backup ignored',
    ],
    [
      'infinity above fresh data',
      { within: '1h' },
      absolute,
      [['infinity'], [at('2026-11-21T03:05:00Z'), 1n]],
      true,
      '2026-11-21T03:05:00.000Z, 5 min newer; 1 value more than 10 min after the backup ignored',
    ],
    [
      'only future values',
      { within: '1h' },
      absolute,
      [[at('2027-01-01T00:00:00Z')], [null, 5n]],
      false,
      'no value; 5 values more than 10 min after the backup ignored',
    ],
    [
      'local time in its zone',
      { within: '1h', timezone: 'Europe/Berlin' },
      wall,
      [[at('2026-11-21T03:30:00Z')]],
      true,
      '2026-11-21T02:30:00.000Z, 30 min older',
    ],
    [
      'local time west of UTC',
      { within: '1h', timezone: 'America/New_York' },
      wall,
      [[at('2026-11-20T21:45:00Z')]],
      true,
      '2026-11-21T02:45:00.000Z, 15 min older',
    ],
    [
      'a day',
      { within: '1d' },
      { time: 'date' as const },
      [['2026-11-20']],
      true,
      '2026-11-20T23:59:59.999Z, 3 h older',
    ],
    [
      'the day of the backup',
      { within: '1d' },
      { time: 'date' as const },
      [['2026-11-21']],
      true,
      '2026-11-21T03:10:00.000Z, 10 min newer',
    ],
    [
      'an old day',
      { within: '1d' },
      { time: 'date' as const },
      [['2026-11-19']],
      false,
      '2026-11-19T23:59:59.999Z, 27 h older',
    ],
    [
      'seconds since 1970',
      { within: '1h', unit: 'seconds' },
      { integers: { min: 0n, max: 9n } },
      [[1795228200]],
      true,
      '2026-11-21T02:30:00.000Z, 30 min older',
    ],
    [
      'microseconds since 1970',
      { within: '1h', unit: 'microseconds' },
      { integers: { min: 0n, max: 9n } },
      [[1795228200000000n]],
      true,
      '2026-11-21T02:30:00.000Z, 30 min older',
    ],
  ] as const)('judges %s', async (_what, file, of, answers, passed, actual) => {
    expect(await judge(file, of, answers)).toMatchObject({ passed, actual });
  });

  it('uses the RPO if the check has no limit of its own', async () => {
    const answers = [[at('2026-11-20T02:00:00Z')]];
    expect(await judge({}, absolute, answers, 26 * HOUR_MS)).toMatchObject({
      passed: true,
      expected: 'at most 26 h older than the backup of 2026-11-21T03:00:00.000Z',
    });
    await expect(judge({}, absolute, answers)).rejects.toMatchObject({ code: 'check-malformed' });
  });

  it('fails if the column is missing, and refuses one that cannot be compared', async () => {
    const run = (freshness: string) => judge({ freshness, within: '1h' }, absolute, []);
    expect(await run('payment.due')).toMatchObject({ passed: false, actual: 'the column due of payment is missing' });
    expect(await run('paiment.due')).toMatchObject({ passed: false, actual: 'the table paiment is missing' });
    await expect(judge({ within: '1h' }, { type: 'text' }, [])).rejects.toThrow('payment.paid_at is of type text');
    await expect(judge({ within: '1h' }, { time: 'date' }, [])).rejects.toThrow('holds days');
  });

  it('takes the later of two hours with the same name, unless that is after the backup', () => {
    const reader = timeReaderOf(wall as CatalogColumn, 'Europe/Berlin', undefined);
    const twice = at('2026-10-25T02:30:00Z'); // displayed like this at both 00:30 and 01:30 UTC
    expect(reader?.toInstantMs(twice, at('2026-10-25T03:00:00Z').getTime())).toBe(at('2026-10-25T01:30:00Z').getTime());
    expect(reader?.toInstantMs(twice, at('2026-10-25T01:00:00Z').getTime())).toBe(at('2026-10-25T00:30:00Z').getTime());
    expect(reader?.toInstantMs(at('2026-07-01T12:00:00Z'), 1e15)).toBe(at('2026-07-01T10:00:00Z').getTime());
  });
});
