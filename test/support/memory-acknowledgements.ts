import type { Acknowledgement, AcknowledgementStore } from '../../src/record/acknowledgement-store.ts';
import { compare } from './compare.ts';

export function createMemoryAcknowledgements(): AcknowledgementStore {
  let all: readonly Acknowledgement[] = [];
  const end = (drill: string, at: Date, by: string): boolean => {
    const isOpen = (one: Acknowledgement) => one.drill === drill && !one.ended;
    const found = all.some(isOpen);
    all = all.map((one) => (isOpen(one) ? { ...one, ended: { at, by } } : one));
    return found;
  };
  return {
    acknowledge: async (one) => {
      end(one.drill, one.at, one.by);
      all = [...all, { ...one, ended: undefined }];
    },
    endAcknowledgement: async (drill, at, by) => end(drill, at, by),
    getAcknowledgements: async () => all.filter(({ ended }) => !ended).toSorted((a, b) => compare(a.drill, b.drill)),
    findAcknowledgements: async ({ from, to }) =>
      all.filter(
        ({ at, until, ended }) => at < to && (!ended || ended.at >= from) && (until === undefined || until >= from),
      ),
  };
}
