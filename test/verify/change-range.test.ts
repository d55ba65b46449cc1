import { expect, test } from 'vitest';
import { changeRangeSchema, formatChange, formatChangeRange, parseChangeRange } from '../../src/verify/change-range.ts';

test.each([
  ['-10%..+25%', { low: -0.1, high: 0.25 }],
  ['10%', { low: -0.1, high: 0.1 }],
  ['-0.5%..', { low: -0.005, high: Number.POSITIVE_INFINITY }],
  ['..+25%', { low: 0, high: 0.25 }],
  ['..', { low: 0, high: Number.POSITIVE_INFINITY }],
  ['-10%..+400%', { low: -0.1, high: 4 }],
])('reads %s', (text, range) => {
  expect(parseChangeRange(text)).toStrictEqual(range);
  expect(parseChangeRange(formatChangeRange(range))).toStrictEqual(range);
});

test.each(['', '-10', '-10%', '+10%..+25%', '-10%..-5%', '10%..25%', '-10% .. +25%', 'any'])('refuses %j', (text) => {
  expect(changeRangeSchema().safeParse(text).error?.issues[0]?.message).toContain('must be a range of change');
});

test('refuses a range so wide that losing all rows would stay within it', () => {
  const message = changeRangeSchema().safeParse('-100%..+5%').error?.issues[0]?.message;
  expect(message).toBe('"-100%..+5%" allows losing everything; the limit is -99.9%');
});

test.each([
  [1000, 260, '-74%'],
  [1000, 1003, '+0.3%'],
  [3, 3, 'unchanged'],
  [0, 5, 'from nothing'],
  [-100, -90, '+10%'],
])('describes the change from %i to %i', (before, after, text) => {
  expect(formatChange(before, after)).toBe(text);
});
