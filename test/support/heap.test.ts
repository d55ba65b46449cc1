import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from '../../src/support/heap.ts';

it('returns the soonest first, after any additions, moves and removals', () => {
  const steps = fc.array(
    fc.record({ item: fc.integer({ min: 0, max: 20 }), atMs: fc.option(fc.integer({ min: 0, max: 50 })) }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new Heap<number>();
      const expected = new Map<number, number>();
      for (const { item, atMs } of all) {
        if (atMs === null) {
          heap.delete(item);
          expected.delete(item);
        } else {
          heap.set(item, atMs);
          expected.set(item, atMs);
        }
        expect(heap.size).toBe(expected.size);
        expect(heap.first?.atMs ?? Number.POSITIVE_INFINITY).toBe(Math.min(...expected.values()));
      }
      const order: number[] = [];
      for (let first = heap.first; first; first = heap.first) {
        expect(expected.get(first.item)).toBe(first.atMs);
        order.push(first.atMs);
        heap.delete(first.item);
      }
      expect(order).toEqual([...expected.values()].sort((a, b) => a - b));
    }),
    { numRuns: 300 },
  );
});
