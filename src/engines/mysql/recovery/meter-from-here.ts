import type { TransferMeter } from '../../../backup/content.ts';

/** For a backup that was read to open it, and is read again: progress counts from here. */
export function meterFromHere(meter: TransferMeter): TransferMeter {
  const before = meter.bytesRead;
  return {
    get bytesRead() {
      return Math.max(0, meter.bytesRead - before);
    },
  };
}
