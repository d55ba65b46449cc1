import { describe, expect, it } from 'vitest';
import { type NumberRange, NumberRanges } from '../../../../src/engines/mysql/log/number-ranges.ts';

const HOLES = 100_000;

/** Every second number, so that no two ranges touch. */
function withHoles(order: 'rising' | 'falling'): readonly NumberRange[] {
  const ranges = Array.from({ length: HOLES }, (_, index): NumberRange => [BigInt(index * 2), BigInt(index * 2)]);
  return order === 'rising' ? ranges : ranges.toReversed();
}

/** Counts comparisons of two numbers. */
function counted(): { readonly ranges: NumberRanges; steps(): number } {
  let steps = 0;
  const ranges = new NumberRanges((one, other) => {
    steps += 1;
    return one < other;
  });
  const taken = () => {
    const count = steps;
    steps = 0;
    return count;
  };
  return { ranges, steps: taken };
}

describe('ranges of numbers', () => {
  // biome-ignore format: a row each
  it.each<[string, readonly NumberRange[], readonly NumberRange[]]>([
    ['apart, in any order', [[7n, 9n], [1n, 3n], [20n, 20n]], [[1n, 3n], [7n, 9n], [20n, 20n]]],
    ['touching below', [[4n, 6n], [1n, 3n]], [[1n, 6n]]],
    ['touching above', [[1n, 3n], [4n, 6n]], [[1n, 6n]]],
    ['filling a hole', [[1n, 3n], [5n, 6n], [4n, 4n]], [[1n, 6n]]],
    ['over several', [[1n, 1n], [3n, 3n], [5n, 9n], [2n, 6n]], [[1n, 9n]]],
    ['within another', [[1n, 9n], [3n, 4n]], [[1n, 9n]]],
    ['twice', [[3n, 4n], [3n, 4n], [1n, 1n]], [[1n, 1n], [3n, 4n]]],
  ])('%s', (_what, added, expected) => {
    const one = new NumberRanges();
    for (const range of added) one.add(range);
    const all = new NumberRanges();
    all.addAll(added);
    expect([one.ranges, all.ranges]).toEqual([expected, expected]);
  });

  it.each(['rising', 'falling'] as const)('with 100,000 holes, %s, take about 20 comparisons per range', (order) => {
    const { ranges, steps } = counted();
    ranges.addAll(withHoles(order));
    expect(ranges.ranges).toHaveLength(HOLES);
    expect(steps()).toBeLessThan(HOLES * 4);
    expect(withHoles(order).every((range) => ranges.has(range))).toBe(true);
    expect(steps()).toBeLessThan(HOLES * 20);
    ranges.addAll(withHoles(order));
    expect(steps()).toBeLessThan(HOLES * 20);
    for (let number = 1n; number < 2_000n; number += 2n) ranges.add([number, number]);
    expect(steps()).toBeLessThan(1_000 * 50);
    expect([ranges.firstMissing(0n), ranges.ranges.length]).toEqual([2_001n, HOLES - 1_000]);
  });
});
