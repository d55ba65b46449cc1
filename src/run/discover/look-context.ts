import type { Engine } from '../../engines/engine-descriptor.ts';
import type { DiscoveryStore } from '../../record/discovery-store.ts';
import type { Clock } from '../../support/clock.ts';

export interface LookContext {
  readonly engines: readonly Engine[];
  readonly store: Pick<DiscoveryStore, 'getDiscoveryProgress' | 'saveDiscoveryProgress'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** `listing s3://backups/: 20,000 files` */
  readonly onProgress: (text: string) => void;
}
