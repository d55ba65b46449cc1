import type { Drill } from '../config/drill-file.ts';
import { DEFAULT_POOL } from '../config/pool-schema.ts';
import type { DaemonDeps } from './daemon.ts';

type Catalog = DaemonDeps['catalog'];

/** The drills of a process that runs none itself: drills without a pool go to the runners of the default pool. */
export function leaveToRunners(catalog: Catalog): Catalog {
  const known = new WeakMap<Drill, Drill>(); // a drill that has not changed stays the same object
  const inPool = (drill: Drill) => {
    if (drill.pool !== undefined) return drill;
    const left = known.get(drill) ?? { ...drill, pool: DEFAULT_POOL };
    known.set(drill, left);
    return left;
  };
  return {
    get drills() {
      return catalog.drills.map(inPool);
    },
    get broken() {
      return catalog.broken;
    },
    refresh: (now) => catalog.refresh(now),
    invalidate: () => catalog.invalidate(),
  };
}
