import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Finding, mostTries, nextStep, type Step } from '../../../src/run/bisect/search.ts';

/** Runs a search to its end. @param known findings of earlier runs. */
function search(count: number, findingOf: (index: number) => Finding, known: ReadonlyMap<number, Finding> = new Map()) {
  const findings = new Map(known);
  const tried: number[] = [];
  for (;;) {
    const step: Step = nextStep(count, findings);
    if (step.kind !== 'try') return { step, tried, findings };
    if (findings.has(step.index) || step.index < 0 || step.index >= count) throw new Error(`tries ${step.index} again`);
    tried.push(step.index);
    findings.set(step.index, findingOf(step.index));
  }
}

const COUNT = fc.integer({ min: 1, max: 400 });
/** Numbers of backups; those before `firstGood` are bad, and all are when it equals the count. */
const MONOTONE = COUNT.chain((count) => fc.record({ count: fc.constant(count), firstGood: fc.nat(count) }));

describe('a bisection', () => {
  it('finds the boundary, having tried both sides of it, in no more tries than promised', () => {
    fc.assert(
      fc.property(MONOTONE, ({ count, firstGood }) => {
        const { step, tried } = search(count, (index) => (index < firstGood ? 'bad' : 'good'));
        expect(tried.length).toBeLessThanOrEqual(mostTries(count, new Map()));
        if (firstGood === count) expect(step).toEqual({ kind: 'none', bad: count - 1 });
        else {
          const bad = firstGood === 0 ? undefined : firstGood - 1;
          expect(step).toEqual({ kind: 'found', good: firstGood, bad, unproven: [] });
          expect(tried).toContain(firstGood);
          if (bad !== undefined) expect(tried).toContain(bad);
        }
      }),
    );
  });

  it('promises at most two restores plus one for each halving', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100_000 }), (count) => {
        expect(mostTries(count, new Map())).toBe(2 + Math.ceil(Math.log2(count - 1)));
      }),
    );
    expect(mostTries(1, new Map())).toBe(1);
  });

  it('never tries known backups again, and needs no more tries because of them', () => {
    const known = MONOTONE.chain(({ count, firstGood }) =>
      fc.record({
        count: fc.constant(count),
        firstGood: fc.constant(firstGood),
        known: fc.uniqueArray(fc.nat(count - 1), { maxLength: 8 }),
      }),
    );
    fc.assert(
      fc.property(known, ({ count, firstGood, known }) => {
        const findingOf = (index: number): Finding => (index < firstGood ? 'bad' : 'good');
        const findings = new Map(known.map((index) => [index, findingOf(index)]));
        const { step, tried } = search(count, findingOf, findings);
        expect(tried.length).toBeLessThanOrEqual(mostTries(count, findings));
        expect(mostTries(count, findings)).toBeLessThanOrEqual(mostTries(count, new Map()));
        expect(step).toMatchObject(firstGood === count ? { kind: 'none' } : { kind: 'found', good: firstGood });
      }),
    );
  });

  it('ends whatever the runs find, and a good result never has a good or untried backup before it', () => {
    const any = fc.array(fc.constantFrom<Finding>('good', 'bad', 'unknown'), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(any, fc.array(fc.nat(59), { maxLength: 10 }), (all, given) => {
        const findingOf = (index: number): Finding => all[index] ?? 'unknown';
        const known = new Map(given.filter((index) => index < all.length).map((index) => [index, findingOf(index)]));
        const { step, findings } = search(all.length, findingOf, known);
        if (step.kind === 'none') expect([...findings.values()]).not.toContain('good');
        if (step.kind !== 'found') return;
        expect(all[step.good]).toBe('good');
        const newer = [...findings].filter(([index]) => index < step.good);
        expect(newer.map(([, finding]) => finding)).not.toContain('good');
        for (const index of step.unproven) expect(findings.get(index)).toBe('unknown');
        if (step.bad !== undefined) expect(step.bad + step.unproven.length + 1).toBe(step.good);
      }),
    );
  });

  it('finds the newest good backup that does not error, and lists the newer ones that prove nothing', () => {
    const withErrors = MONOTONE.chain(({ count, firstGood }) =>
      fc.record({
        count: fc.constant(count),
        firstGood: fc.constant(firstGood),
        errored: fc.uniqueArray(fc.nat(count - 1), { maxLength: 5 }),
      }),
    );
    fc.assert(
      fc.property(withErrors, ({ count, firstGood, errored }) => {
        const { step } = search(count, (index) => {
          if (errored.includes(index)) return 'unknown';
          return index < firstGood ? 'bad' : 'good';
        });
        const good = Array.from({ length: count }, (_, index) => index).find(
          (index) => index >= firstGood && !errored.includes(index),
        );
        if (good !== undefined) expect(step).toMatchObject({ kind: 'found', good });
        else expect(step.kind).toBe(errored.includes(count - 1) ? 'unclear' : 'none');
      }),
    );
  });
});

describe('a search of one backup', () => {
  it.each([
    ['good', { kind: 'found', good: 0, bad: undefined, unproven: [] }],
    ['bad', { kind: 'none', bad: 0 }],
    ['unknown', { kind: 'unclear', bad: undefined }],
  ] as const)('ends when that backup is %s', (finding, step) => {
    expect(search(1, () => finding)).toMatchObject({ step, tried: [0] });
  });
});

it('tries the newest, then the oldest, then halves', () => {
  expect(search(17, (index) => (index < 5 ? 'bad' : 'good')).tried).toEqual([0, 16, 8, 4, 6, 5]);
});

it('tries the neighbour of a backup that errored', () => {
  expect(nextStep(9, new Map([[0, 'unknown']]))).toEqual({ kind: 'try', index: 1 });
  const known = [
    [0, 'bad'],
    [8, 'good'],
    [4, 'unknown'],
  ] as const;
  expect(nextStep(9, new Map(known))).toEqual({ kind: 'try', index: 3 });
});
