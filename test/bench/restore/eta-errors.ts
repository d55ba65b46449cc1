import { median } from '../statistics.ts';

/** A displayed prediction of the recovery time, and the time that had passed by then. */
export interface PredictedAt {
  readonly elapsedMs: number;
  /** Undefined if none was displayed. */
  readonly likelyMs: number | undefined;
}

/** After a quarter, half and three quarters of the recovery time. */
const ETA_SHARES = [0.25, 0.5, 0.75] as const;

/** At each of {@link ETA_SHARES}: the displayed time left divided by the actual time left, less one; undefined if none was displayed. */
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

/** The median of the absolute errors at each of {@link ETA_SHARES}, over the runs that displayed a prediction; undefined if none did. */
export function medianEtaErrors(all: readonly EtaErrors[]): EtaErrors {
  return ETA_SHARES.map((_, index) => {
    const shown = all.flatMap((errors) => (errors[index] === undefined ? [] : [Math.abs(errors[index])]));
    return shown.length === 0 ? undefined : median(shown);
  });
}

/** As in `3, 4, 4 of 4`: how many runs displayed one. */
export function countShown(all: readonly EtaErrors[]): string {
  const counts = ETA_SHARES.map((_, index) => all.filter((errors) => errors[index] !== undefined).length);
  return `${counts.join(', ')} of ${all.length}`;
}
