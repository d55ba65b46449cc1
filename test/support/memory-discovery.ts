import type { DiscoveryProgress, DiscoveryRecord, DiscoveryStore } from '../../src/record/discovery-store.ts';

export function createMemoryDiscovery(): DiscoveryStore {
  const progress = new Map<string, DiscoveryProgress>();
  let last: DiscoveryRecord | undefined;
  return {
    getDiscovery: async () => structuredClone(last),
    saveDiscovery: async (record) => {
      last = structuredClone(record);
    },
    getDiscoveryProgress: async (place) => structuredClone(progress.get(place)),
    saveDiscoveryProgress: async (saved) => {
      progress.set(saved.place, structuredClone(saved));
    },
  };
}
