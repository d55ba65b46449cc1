import { expect, it } from 'vitest';
import type { ProofEntry } from '../../../src/record/run-record.ts';
import { toProof } from '../../../src/run/prove/to-proof.ts';

const asked = { kinds: new Set(['empty'] as const), seed: undefined, places: 1, limitMs: undefined, isPartial: false };
const caught: ProofEntry = {
  kind: 'empty',
  damage: 'orders: emptied',
  caughtBy: ['orders are there'],
  advice: undefined,
};
const refused: ProofEntry = { ...caught, caughtBy: [], skipped: 'no time left before the deadline of the run' };

it.each<readonly [what: string, entries: readonly ProofEntry[], isPartial: boolean | undefined]>([
  ['tried something', [caught, refused], undefined],
  ['tried nothing', [refused], true],
  ['found nothing to try', [], true],
])('stores a proof as the drill’s unless it tried nothing: %s', (_, entries, isPartial) => {
  expect(toProof({ asked, entries, before: undefined, isInterrupted: false }).isPartial).toBe(isPartial);
});

it('does not store a proof as the drill’s when a user ended it, whatever its entries are called', () => {
  const entries = [caught];
  expect(toProof({ asked, entries, before: undefined, isInterrupted: true }).isPartial).toBe(true);
  const called = [caught, { ...refused, skipped: 'interrupted' }];
  expect(toProof({ asked, entries: called, before: undefined, isInterrupted: false }).isPartial).toBeUndefined();
});
