import { expect, it } from 'vitest';
import { findingOf } from '../../src/verify/findings.ts';

it('escapes hostile names wherever it shows them, and does not shorten lists', () => {
  const long = 'x'.repeat(500);
  expect(findingOf([], `we\nird ${long}`, ['a\u001b[31m'])).toEqual({
    passed: true,
    actual: `we\\nird ${long}`,
    details: ['a\\u001b[31m'],
  });
  expect(findingOf(['1', '2', '3', 'a\nb'], '').details).toEqual(['1', '2', '3', 'a\\nb']);
});
