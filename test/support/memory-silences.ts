import type { Silence, SilenceStore } from '../../src/record/silence-store.ts';
import { compare } from './compare.ts';

export function createMemorySilences(): SilenceStore {
  let all: readonly Silence[] = [];
  return {
    addSilence: async (one) => {
      all = [...all, { ...one, ended: undefined }];
    },
    endSilence: async (id, at, by) => {
      const isOpen = (one: Silence) => one.id === id && !one.ended && one.until > at;
      const found = all.some(isOpen);
      all = all.map((one) => (isOpen(one) ? { ...one, ended: { at, by } } : one));
      return found;
    },
    findSilences: async ({ from, to }) =>
      all
        .filter((one) => one.until > from && (!one.ended || one.ended.at >= from) && (!to || one.from < to))
        .toSorted((a, b) => a.from.getTime() - b.from.getTime() || compare(a.id, b.id)),
  };
}
