import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/record/store.ts';
import { databaseFinding, discoveryOf, LOOKED_AT, seriesFinding } from '../support/discoveries.ts';

/** What every store must do for searches for uncovered backups. @param open a new, empty store; called once for each test. */
export function describeDiscoveryContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps searches for uncovered backups`, () => {
    test('returns the last search in full', async () => {
      await using store = await open();
      expect(await store.getDiscovery()).toBeUndefined();
      await store.saveDiscovery(discoveryOf([]));
      const problems = [{ where: 's3://old/', message: 'denied', hint: undefined, isError: true }];
      const one = discoveryOf([seriesFinding({ intervalMs: undefined }), databaseFinding({ server: undefined })], {
        problems,
      });
      await store.saveDiscovery(one);
      expect(await store.getDiscovery()).toEqual(one);
    });

    test('returns how far the search of each place has come', async () => {
      await using store = await open();
      const progress = (place: string, state: string) => ({ place, savedAt: LOOKED_AT, state });
      await store.saveDiscoveryProgress(progress('a', '1'));
      await store.saveDiscoveryProgress(progress('b', '2'));
      await store.saveDiscoveryProgress(progress('a', '3'));
      expect(await store.getDiscoveryProgress('a')).toEqual(progress('a', '3'));
      expect(await store.getDiscoveryProgress('b')).toEqual(progress('b', '2'));
      expect(await store.getDiscoveryProgress('c')).toBeUndefined();
    });
  });
}
