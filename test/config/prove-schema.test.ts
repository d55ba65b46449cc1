import { expect, it } from 'vitest';
import { parseProve, proveSchema } from '../../src/config/prove-schema.ts';

it('prove is weekly, never or a duration', () => {
  expect(['weekly', '7d', '12h', 'never', undefined].map((text) => parseProve(text, 2))).toStrictEqual([
    604_800_000,
    604_800_000,
    43_200_000,
    undefined,
    undefined,
  ]);
});

it('prove is weekly for tiers 0 and 1 unless the drill says otherwise, and can be turned off there', () => {
  expect([0, 1, 2, undefined].map((tier) => parseProve(undefined, tier) !== undefined)).toEqual([
    ...[true, true, false, false],
  ]);
  expect(parseProve('never', 1)).toBeUndefined();
});

it.each(['daily', '', '7', 'every 7d', '-1d', '0d'])('prove: %j is refused', (text) => {
  expect(proveSchema.safeParse(text).error?.issues[0]?.message).toBe(
    `must be weekly, never, or a duration such as 7d, not ${JSON.stringify(text)}`,
  );
});

it('prove: 7 without a unit is also refused as a number', () => {
  expect(proveSchema.safeParse(7).error?.issues[0]?.message).toBe('must be weekly, never, or a duration such as 7d');
});
