import { matchesEverything, pattern as patternSchema } from '../../config/fields.ts';
import { formatCount } from '../../support/quantities.ts';
import { MAX_MATCHED_LENGTH, testPattern } from '../pattern.ts';
import { showValue } from '../show-value.ts';
import { defineExpectation } from './expectation-kind.ts';
import { singleValue } from './single-value.ts';

interface Matches {
  readonly kind: 'matches';
  readonly pattern: string;
}

export const matches = defineExpectation({
  key: 'matches',
  schema: patternSchema((expression) =>
    matchesEverything(expression) ? 'cannot fail: this expression matches every text' : undefined,
  ).describe('The value, as text, matches this regular expression anywhere; use ^ and $ to anchor it.'),
  resolve: (pattern: string): Matches => ({ kind: 'matches', pattern }),
  describe: ({ pattern }) => `text that matches /${pattern}/`,
  ...singleValue<Matches>((cell, { pattern }) => {
    if (cell === null) return 'no value';
    const text = cell instanceof Date ? showValue(cell) : String(cell);
    if (text.length > MAX_MATCHED_LENGTH) {
      return `a text of ${formatCount(text.length)} characters, more than the ${formatCount(MAX_MATCHED_LENGTH)} that are matched`;
    }
    return testPattern(pattern, text) ? undefined : showValue(cell);
  }),
});
