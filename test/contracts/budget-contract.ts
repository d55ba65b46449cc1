import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import { NOON, passedRun, runningRun } from '../support/run-records.ts';
import { drillState, dueClaim, skipOf } from '../support/schedule-records.ts';

/** What every store must do for the monthly budget. */
export function describeBudgetContract(name: string, open: () => Promise<Store>): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await work(store);
  }
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

  describe(`${name} keeps the monthly budget`, () => {
    const from = new Date('2026-11-01T00:00:00.000Z');
    const budget = { limit: { amount: 10, currency: 'USD' }, from, onExceeded: 'skip', dueAt: NOON } as const;
    const reading = (amount: number, currency = 'USD'): NonNullable<RunRecord['reading']> => {
      const read = { bytes: 1, requests: undefined, cost: { amount, currency } };
      return { planned: read, actual: read };
    };
    const spend = async (store: Store, id: string, changes: Partial<RunRecord>) => {
      const { drill = 'orders', startedAt = later(-60) } = changes;
      await store.claim(runningRun({ id, drill, startedAt }));
      await store.finish(passedRun({ id, drill, startedAt, ...changes }));
    };

    test('skips a due run that would exceed it, with the amounts, and stores the state that was decided', () =>
      withStore(async (store) => {
        await spend(store, 'a', { reading: reading(4) });
        expect((await store.claimDue(runningRun({ id: 'b' }), dueClaim({ budget }))).kind).toBe('claimed'); // 4 + 4
        await store.finish(passedRun({ id: 'b', reading: { ...reading(2), proof: reading(1).planned } }));
        await spend(store, 'c', { drill: 'shop', reading: reading(2) }); // 9
        const state = drillState({ version: 1, handledUntil: later(60) });
        const why = 'budget of 10.00 USD for Nov 2026: 9.00 USD spent, this run about 3.00 USD';
        const claim = dueClaim({ budget, state, skips: [skipOf()] });
        const outcome = await store.claimDue(runningRun({ id: 'd', startedAt: later(1) }), claim);
        expect(outcome).toStrictEqual({ kind: 'over-budget', isSkipped: true, why });
        expect(await store.findRunning()).toStrictEqual([]);
        expect(await store.getDrillStates()).toStrictEqual([{ ...state, version: 2, waitsFor: `for the ${why}` }]);
        const skip = { kind: 'budget', reason: `over the ${why}`, first: NOON, last: NOON, recordedAt: later(1) };
        expect(await store.findSkips({ limit: 9 })).toMatchObject([skip, skipOf()]);
        expect(await store.getSpending(budget, 'shop')).toStrictEqual({ amount: 9, estimate: 2, skipped: 1 });
      }));

    test('counts a run in progress, and one whose process died, at the cost of the previous run', () =>
      withStore(async (store) => {
        await spend(store, 'a', { startedAt: later(-60 * 24 * 30), reading: reading(6) });
        await store.claim(runningRun({ id: 'b', leaseExpiresAt: NOON }));
        expect(await store.getSpending(budget)).toStrictEqual({ amount: 6, estimate: undefined, skipped: 0 });
        await store.interruptAbandoned(NOON, () => 'expired');
        const claim = dueClaim({ budget: { ...budget, onExceeded: 'wait' }, skips: [skipOf()] });
        expect(await store.claimDue(runningRun({ id: 'c' }), claim)).toMatchObject({ isSkipped: false });
        expect(await store.findRunning()).toEqual([]);
        expect(await store.findSkips({ limit: 9 })).toEqual([]);
      }));

    test('counts no costs of other months or other currencies, and no runs without a cost', () =>
      withStore(async (store) => {
        await spend(store, 'a', { startedAt: new Date(from.getTime() - 1), reading: reading(9) });
        await spend(store, 'b', { drill: 'shop', startedAt: from, reading: reading(9, 'EUR') });
        await spend(store, 'c', { drill: 'films', reading: undefined });
        expect(await store.getSpending(budget, 'shop')).toStrictEqual({ amount: 0, estimate: undefined, skipped: 0 });
      }));
  });
}
