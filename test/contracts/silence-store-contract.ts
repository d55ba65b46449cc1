import { describe, expect, test } from 'vitest';
import type { Silence } from '../../src/record/silence-store.ts';
import type { Store } from '../../src/record/store.ts';
import { NOON } from '../support/run-records.ts';

/** What every store must do for silences. @param open a new, empty store; called once for each test. */
export function describeSilenceContract(name: string, open: () => Promise<Store>): void {
  const later = (hours: number) => new Date(NOON.getTime() + hours * 3_600_000);
  const made = (changes: Partial<Silence> = {}): Silence => ({
    id: '00c0ffee',
    match: { owner: 'payments', tier: 1, labels: { service: 'shop' } },
    from: later(2),
    until: later(6),
    reason: 'storage migration',
    pausesRuns: false,
    at: NOON,
    by: 'alice',
    ended: undefined,
    ...changes,
  });

  describe(`${name} keeps silences`, () => {
    test('returns them as created, by start time', async () => {
      await using store = await open();
      const sooner = made({ id: '0badcafe', match: { drills: ['orders'] }, from: later(1), pausesRuns: true });
      const all = made({ id: '0000feed', match: {}, from: later(3) });
      for (const one of [made(), sooner, all]) await store.addSilence(one);
      expect(await store.findSilences({ from: NOON })).toEqual([sooner, made(), all]);
    });

    test('returns those of a period, with how they ended', async () => {
      await using store = await open();
      await store.addSilence(made());
      const ids = async (from: number, to?: number) =>
        (await store.findSilences({ from: later(from), ...(to !== undefined && { to: later(to) }) })).map(
          ({ id }) => id,
        );
      expect(await ids(0, 2)).toEqual([]);
      expect(await ids(0, 3)).toEqual(['00c0ffee']);
      expect(await ids(6)).toEqual([]);
      expect(await store.endSilence('00c0ffee', later(4), 'bob')).toBe(true);
      expect(await ids(5)).toEqual([]);
      expect(await store.findSilences({ from: later(3) })).toEqual([made({ ended: { at: later(4), by: 'bob' } })]);
    });

    test('does not end one that is over or unknown', async () => {
      await using store = await open();
      await store.addSilence(made());
      expect(await store.endSilence('ffffffff', later(3), 'bob')).toBe(false);
      expect(await store.endSilence('00c0ffee', later(6), 'bob')).toBe(false);
      expect(await store.endSilence('00c0ffee', later(1), 'bob')).toBe(true);
      expect(await store.endSilence('00c0ffee', later(1), 'bob')).toBe(false);
    });
  });
}
