import { expect, it } from 'vitest';
import { explainOutcome, findLost, scoreOf } from '../../src/record/proof-view.ts';
import type { ProofEntry, ProofRecord } from '../../src/record/run-record.ts';
import type { DamageName } from '../../src/support/vocabulary.ts';

const entry = (kind: DamageName, caughtBy: readonly string[], skipped?: string): ProofEntry => ({
  kind,
  damage: kind,
  caughtBy,
  advice: undefined,
  ...(skipped === undefined ? {} : { skipped }),
});
const proof = (...entries: ProofEntry[]): ProofRecord => ({ entries });

it('counts what was tried', () => {
  expect(scoreOf(proof(entry('empty', ['a']), entry('swap', []), entry('stale', [], 'only one')))).toEqual({
    caught: 1,
    total: 2,
  });
});

it.each<readonly [what: string, before: ProofRecord, now: ProofRecord, lost: readonly DamageName[]]>([
  [
    'less of a kind',
    proof(entry('lose', ['a']), entry('lose', ['a'])),
    proof(entry('lose', ['a']), entry('lose', [])),
    ['lose'],
  ],
  ['as little as before', proof(entry('lose', ['a']), entry('lose', [])), proof(entry('lose', [])), []],
  ['a kind that was not tried', proof(entry('stale', ['a'])), proof(entry('stale', [], 'only one')), []],
  ['a kind that was not tried before', proof(entry('empty', ['a'])), proof(entry('swap', [])), []],
  ['other bits, which are flipped by chance', proof(entry('flip', ['a'])), proof(entry('flip', [])), []],
])('finds lost detection: %s', (_, before, now, lost) => {
  expect(findLost(before, now)).toEqual(lost);
});

it('names what would catch damage that slipped through', () => {
  const advice = '- { name: every row is as it was dumped, fingerprint: {} }';
  expect(explainOutcome({ ...entry('swap', []), advice })).toBe('only a fingerprint would');
  const other = '- { name: "a is fresh", freshness: "a.at", within: 18h }';
  expect(explainOutcome({ ...entry('stale', []), advice: other })).toBe('a check of freshness would');
  expect(explainOutcome(entry('empty', ['a', 'b']))).toBe('a, b');
});
