import { findPrice, priceReading, sumReadings } from '../plan/reading-cost.ts';
import type { ClaimedRun } from './claimed-run.ts';
import type { DrillServices } from './contract.ts';

/** Records what the run has read from its sources, what that costs, and how it was throttled by their limits. */
export function countReading({ facts, handles }: ClaimedRun, { prices }: DrillServices): void {
  const { meter: own, reads, pace } = handles;
  if (pace?.held) facts.emit({ type: 'reading-held', held: pace.held });
  if (!own) return;
  const readings = reads.map(({ source, meter, requestCount }, index) => {
    const bytes = meter.bytesRead + (index === 0 ? own.bytesRead : 0); // the first is the backup's source
    return priceReading(bytes, requestCount(), findPrice(prices, source));
  });
  facts.emit({ type: 'reading-counted', reading: sumReadings(readings) });
}
