import { describe, expect, test } from 'vitest';
import type { Acknowledgement } from '../../src/record/acknowledgement-store.ts';
import type { Store } from '../../src/record/store.ts';
import { NOON } from '../support/run-records.ts';

/** What every store must do for acknowledgements of problems. @param open a new, empty store; called once for each test. */
export function describeAcknowledgementContract(name: string, open: () => Promise<Store>): void {
  const later = (hours: number) => new Date(NOON.getTime() + hours * 3_600_000);
  const made = (changes: Partial<Acknowledgement> = {}): Acknowledgement => ({
    drill: 'orders',
    kind: 'acknowledged',
    fingerprint: 'failed:too-slow',
    at: NOON,
    by: 'alice',
    reason: 'new disks come on Monday',
    until: undefined,
    ended: undefined,
    ...changes,
  });

  describe(`${name} keeps acknowledgements of problems`, () => {
    test('returns the newest of each drill until it is ended', async () => {
      await using store = await open();
      expect(await store.getAcknowledgements()).toEqual([]);
      await store.acknowledge(made());
      const other = made({ drill: 'billing', kind: 'snoozed', fingerprint: undefined, until: later(3) });
      await store.acknowledge(other);
      await store.acknowledge(made({ reason: 'they came', at: later(1) }));
      expect(await store.getAcknowledgements()).toEqual([other, made({ reason: 'they came', at: later(1) })]);
      expect(await store.endAcknowledgement('orders', later(2), 'bob')).toBe(true);
      expect(await store.endAcknowledgement('orders', later(2), 'bob')).toBe(false);
      expect(await store.getAcknowledgements()).toEqual([other]);
    });

    test('returns all of a period, with how they ended', async () => {
      await using store = await open();
      await store.acknowledge(made());
      await store.acknowledge(made({ at: later(2), until: later(4) }));
      const first = made({ ended: { at: later(2), by: 'alice' } });
      const second = made({ at: later(2), until: later(4) });
      const during = (from: number, to: number) => store.findAcknowledgements({ from: later(from), to: later(to) });
      expect(await during(0, 24)).toEqual([first, second]);
      expect(await during(0, 2)).toEqual([first]);
      expect(await during(3, 24)).toEqual([second]);
      expect(await during(5, 24)).toEqual([]);
      expect(await during(-2, 0)).toEqual([]);
    });
  });
}
