import type { CheckBase } from '../../check-kind.ts';
import type { TableFilter } from '../../fingerprint/table-filter.ts';

/** Every row equals that of the source, by the manifest that `firedrill fingerprint` wrote when the backup was taken. */
export interface FingerprintCheck extends CheckBase<'fingerprint'>, TableFilter {
  /** The manifest's name; `{name}` stands for the backup's. */
  readonly manifest: string;
  /** Whether ranges of keys are shown. */
  readonly locate: boolean;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
}
