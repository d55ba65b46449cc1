import { describe, expect, test } from 'vitest';
import type { DeliveryRecord, NewDelivery } from '../../src/record/notification-store.ts';
import type { Store } from '../../src/record/store.ts';
import { expectCode } from '../support/expect-code.ts';
import { NOON } from '../support/run-records.ts';
import { alertOf, deliveryOf } from '../support/schedule-records.ts';

/** What every store must do with notifications. */
export function describeNotificationStoreContract(name: string, open: () => Promise<Store>): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await work(store);
  }
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);
  const message = (id: string, minutes = 0): NewDelivery =>
    deliveryOf({ id, key: `key of ${id}`, createdAt: later(minutes) });
  const pending = (delivery: NewDelivery, changes: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
    ...delivery,
    status: 'pending',
    attempts: 0,
    nextAttemptAt: delivery.createdAt,
    error: undefined,
    endedAt: undefined,
    ...changes,
  });
  const idsOf = (deliveries: readonly DeliveryRecord[]) => deliveries.map(({ id }) => id);

  describe(`${name} keeps the notification store contract`, () => {
    test('stores an alert with its notifications, and changes only the version that was read', () =>
      withStore(async (store) => {
        expect(await store.getAlerts()).toStrictEqual([]);
        const broken = alertOf({
          subject: 'file:drills/a.yaml',
          state: 'broken',
          runId: undefined,
          notifiedChannels: [],
        });
        expect(await store.saveAlert(alertOf(), [message('a'), message('b')])).toBe(true);
        expect(await store.saveAlert(broken, [])).toBe(true);
        expect(await store.saveAlert(alertOf({ state: 'passed' }), [message('c')])).toBe(false);
        expect(await store.saveAlert(alertOf({ subject: 'shop', version: 1 }), [message('c')])).toBe(false);
        expect(await store.getAlerts()).toStrictEqual([
          { ...broken, version: 1 },
          { ...alertOf(), version: 1 },
        ]);
        const over = alertOf({
          version: 1,
          state: 'passed',
          fingerprint: 'passed',
          since: later(9),
          notifiedAt: later(9),
        });
        expect(await store.saveAlert(over, [message('d')])).toBe(true);
        expect((await store.getAlerts())[1]).toStrictEqual({ ...over, version: 2 });
        expect(idsOf(await store.findDeliveries({ limit: 9 }))).toStrictEqual(['d', 'b', 'a']);
      }));

    test('lets only one of many concurrent writers announce a change', () =>
      withStore(async (store) => {
        const told = await Promise.all(
          Array.from({ length: 8 }, (_, index) => store.saveAlert(alertOf(), [message(`m${index}`)])),
        );
        expect(told.filter(Boolean)).toHaveLength(1);
        expect(await store.findDeliveries({ limit: 9 })).toHaveLength(1);
      }));

    test('does not queue a notification twice under one key, even long after it was sent', () =>
      withStore(async (store) => {
        expect(await store.enqueue([])).toBe(0);
        expect(await store.enqueue([message('a'), message('b'), { ...message('c'), key: 'key of a' }])).toBe(2);
        await store.endDelivery('a', { kind: 'sent', at: later(1) });
        expect(await store.enqueue([{ ...message('d'), key: 'key of a' }, message('e')])).toBe(1);
        expect(idsOf(await store.findDeliveries({ limit: 9 }))).toStrictEqual(['e', 'b', 'a']);
      }));

    test('refuses a notification with a duplicate id, along with everything stored with it', () =>
      withStore(async (store) => {
        await store.enqueue([message('a')]);
        const repeated = { ...message('a'), key: 'another' };
        await expectCode('store-failed', () => store.enqueue([message('b'), repeated]));
        await expectCode('store-failed', () => store.saveAlert(alertOf(), [message('b'), repeated]));
        expect(idsOf(await store.findDeliveries({ limit: 9 }))).toStrictEqual(['a']);
        expect(await store.getAlerts()).toStrictEqual([]);
      }));

    test('hands out due notifications oldest first, each to one process until its lease ends', () =>
      withStore(async (store) => {
        await store.enqueue([message('new', 2), message('old', 1), message('same', 1), message('later', 5)]);
        expect(await store.takeDeliveries(later(0), later(10), 9)).toStrictEqual([]);
        const taken = await store.takeDeliveries(later(2), later(10), 2);
        expect(taken).toStrictEqual(
          ['old', 'same'].map((id) => pending(message(id, 1), { attempts: 1, nextAttemptAt: later(10) })),
        );
        expect(idsOf(await store.takeDeliveries(later(2), later(10), 9))).toStrictEqual(['new']);
        expect(idsOf(await store.takeDeliveries(later(9), later(20), 9))).toStrictEqual(['later']);
        const again = await store.takeDeliveries(later(10), later(30), 9);
        expect(again.map(({ id, attempts }) => [id, attempts])).toStrictEqual([
          ['old', 2],
          ['same', 2],
          ['new', 2],
        ]);
      }));

    test('hands out different notifications to concurrent processes', () =>
      withStore(async (store) => {
        await store.enqueue(Array.from({ length: 6 }, (_, index) => message(`m${index}`)));
        const taken = await Promise.all(Array.from({ length: 5 }, () => store.takeDeliveries(later(1), later(10), 2)));
        expect(taken.map(({ length }) => length).toSorted()).toStrictEqual([0, 0, 2, 2, 2]);
        expect(new Set(taken.flat().map(({ id }) => id)).size).toBe(6);
      }));

    test('ends a notification with an attempt, or postpones it with the reason', () =>
      withStore(async (store) => {
        await store.enqueue([message('a'), message('b'), message('c')]);
        await store.takeDeliveries(NOON, later(10), 9);
        await store.endDelivery('a', { kind: 'sent', at: later(1) });
        await store.endDelivery('b', { kind: 'retry', error: 'no answer', nextAttemptAt: later(2) });
        await store.endDelivery('c', { kind: 'given-up', error: 'refused', at: later(1) });
        const attempted = { attempts: 1, nextAttemptAt: later(10) };
        const sent = pending(message('a'), { ...attempted, status: 'sent', endedAt: later(1) });
        const waiting = pending(message('b'), { attempts: 1, nextAttemptAt: later(2), error: 'no answer' });
        const givenUp = { ...attempted, status: 'given-up', error: 'refused', endedAt: later(1) } as const;
        expect(await store.findDeliveries({ limit: 9 })).toStrictEqual([pending(message('c'), givenUp), waiting, sent]);
        expect(await store.findDeliveries({ status: 'sent', limit: 9 })).toStrictEqual([sent]);
        expect(await store.findDeliveries({ status: 'pending', limit: 9 })).toStrictEqual([waiting]);
        expect(await store.findDeliveries({ limit: 1 })).toStrictEqual([pending(message('c'), givenUp)]);
        expect(await store.countDeliveries('pending')).toBe(1);
        expect(await store.countDeliveries('given-up')).toBe(1);

        expect(idsOf(await store.takeDeliveries(later(2), later(12), 9))).toStrictEqual(['b']);
        await store.endDelivery('b', { kind: 'sent', at: later(3) });
        expect((await store.findDeliveries({ limit: 9 }))[1]).toMatchObject({
          status: 'sent',
          attempts: 2,
          error: undefined,
        });
      }));

    test('keeps a finished notification unchanged, and reports one that does not exist', () =>
      withStore(async (store) => {
        await store.enqueue([message('a')]);
        await store.endDelivery('a', { kind: 'sent', at: later(1) });
        const [sent] = await store.findDeliveries({ limit: 1 });
        await store.endDelivery('a', { kind: 'retry', error: 'x', nextAttemptAt: later(2) });
        await store.endDelivery('a', { kind: 'given-up', error: 'x', at: later(2) });
        expect(await store.findDeliveries({ limit: 9 })).toStrictEqual([sent]);
        expect(await store.takeDeliveries(later(60), later(70), 9)).toStrictEqual([]);
        await expectCode('store-failed', () => store.endDelivery('nope', { kind: 'sent', at: NOON }));
      }));

    test('removes notifications delivered 90 days ago, and no others', () =>
      withStore(async (store) => {
        await store.enqueue([message('sent'), message('given-up'), message('pending')]);
        await store.endDelivery('sent', { kind: 'sent', at: later(1) });
        await store.endDelivery('given-up', { kind: 'given-up', error: 'refused', at: later(1) });
        const days = (count: number) => later(count * 24 * 60);
        expect(await store.prune(days(90))).toBe(0);
        expect(await store.prune(days(91))).toBe(1);
        expect(idsOf(await store.findDeliveries({ limit: 9 })).toSorted()).toStrictEqual(['given-up', 'pending']);
        expect(await store.prune(days(9000))).toBe(0);
      }));
  });
}
