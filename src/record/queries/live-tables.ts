import type { RunCommand } from '../live-store.ts';

/** Tables of runs in progress, through which processes follow and control each other's runs. */

export interface LiveRunTable {
  readonly run_id: string;
  readonly saved_at: string;
  readonly kept_until: string | null;
  readonly json: string;
}

export interface RunCommandTable {
  readonly run_id: string;
  readonly kind: RunCommand['kind'];
  readonly made_at: string;
  readonly made_by: string;
  /** For `keep`. */
  readonly keep_ms: number | null;
}
