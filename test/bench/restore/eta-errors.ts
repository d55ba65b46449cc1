import { median } from '../statistics.ts';

/** A prediction that was shown: of the recovery time, when this much of it had passed. */
export interface PredictedAt {
  readonly elapsedMs: number;
  /** Undefined: none was shown. */
  readonly likelyMs: number | undefined;
}

/** When a quarter, half and three quarters of the recovery time had passed. */
const ETA_SHARES = [0.25, 0.5, 0.75] as const;

/** At each of {@link ETA_SHARES}: the time left that was shown over the time that was left, less one; undefined: none was shown. */
export type EtaErrors = readonly (number | undefined)[];

export function etaErrorsOf(predictions: readonly PredictedAt[], recoveryTimeMs: number): EtaErrors {
  return ETA_SHARES.map((share) => {
    const atMs = share * recoveryTimeMs;
    const shown = predictions.findLast(({ elapsedMs }) => elapsedMs <= atMs);
    if (shown?.likelyMs === undefined) return undefined;
    return Math.max(0, shown.likelyMs - atMs) / (recoveryTimeMs - atMs) - 1;
  });
}

/** `+12 %, -3 %, none`. */
export function describeEtaErrors(errors: EtaErrors): string {
  return errors
    .map((error) => (error === undefined ? 'none' : `${error < 0 ? '' : '+'}${Math.round(error * 100)} %`))
    .join(', ');
}

/** The median of how far off they were, whatever the side, at each of {@link ETA_SHARES}, over the runs that showed one; undefined: none did. */
export function medianEtaErrors(all: readonly EtaErrors[]): EtaErrors {
  return ETA_SHARES.map((_, index) => {
    const shown = all.flatMap((errors) => (errors[index] === undefined ? [] : [Math.abs(errors[index])]));
    return shown.length === 0 ? undefined : median(shown);
  });
}

/** `3, 4, 4 of 4`: how many showed one. */
export function countShown(all: readonly EtaErrors[]): string {
  const counts = ETA_SHARES.map((_, index) => all.filter((errors) => errors[index] !== undefined).length);
  return `${counts.join(', ')} of ${all.length}`;
}
