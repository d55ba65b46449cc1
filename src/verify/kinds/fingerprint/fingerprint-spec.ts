import type { CheckBase } from '../../check-kind.ts';
import type { TableFilter } from '../../fingerprint/table-filter.ts';

/** Verifies that every row equals the source's, using the manifest that `firedrill fingerprint` wrote when the backup was taken. */
export interface FingerprintCheck extends CheckBase<'fingerprint'>, TableFilter {
  /** Name of the manifest; `{name}` is replaced by the backup's name. */
  readonly manifest: string;
  /** Whether to show the ranges of keys that differ. */
  readonly locate: boolean;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
}
