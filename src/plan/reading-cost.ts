import type { Budget } from '../config/drill-file.ts';
import { DrillError } from '../support/errors.ts';
import { formatBytes } from '../support/quantities.ts';
import { formatMoney, type Price, type Reading } from '../support/reading.ts';

/** Prices are per gigabyte of 10⁹ bytes. */
const GB = 1e9;

/** @returns the price whose prefix is the longest match for this source. */
export function findPrice(prices: readonly Price[], source: string): Price | undefined {
  const fitting = prices.filter(({ of }) => source.startsWith(of));
  return fitting.reduce<Price | undefined>(
    (best, price) => (best && best.of.length >= price.of.length ? best : price),
    undefined,
  );
}

/** @param requests undefined: not known; they are then free. */
export function priceReading(bytes: number, requests: number | undefined, price: Price | undefined): Reading {
  const amount = price && (bytes / GB) * price.perGb + ((requests ?? 0) / 1000) * price.perThousandRequests;
  return { bytes, requests, cost: price && { amount: amount ?? 0, currency: price.currency } };
}

/**
 * Requests are the sum over the sources that count them. The cost is known if every source that was read has a price, all in one currency.
 * @param readings of each source, the backup's first.
 */
export function sumReadings(readings: readonly Reading[]): Reading {
  const read = readings.filter(({ bytes, requests = 0 }, index) => index === 0 || bytes > 0 || requests > 0);
  const counted = readings.flatMap(({ requests }) => requests ?? []);
  const costs = read.flatMap(({ cost }) => cost ?? []);
  const [first] = costs;
  const isKnown = costs.length === read.length && costs.every(({ currency }) => currency === first?.currency);
  return {
    bytes: readings.reduce((sum, { bytes }) => sum + bytes, 0),
    requests: counted.length === 0 ? undefined : counted.reduce((sum, requests) => sum + requests, 0),
    cost:
      first && isKnown
        ? { amount: costs.reduce((sum, { amount }) => sum + amount, 0), currency: first.currency }
        : undefined,
  };
}

/**
 * Refuses a run that would read or cost more than the drill allows.
 * @throws DrillError `budget-exceeded`; `price-missing` when the budget is in money and no price, or one in another currency, is known.
 */
export function checkBudget(budget: Budget | undefined, { bytes, cost }: Reading, source: string): void {
  if (!budget) return;
  const { readBytes, cost: limit } = budget;
  if (readBytes !== undefined && bytes > readBytes)
    throw overBudget(`${formatBytes(bytes)} would be read from ${source}, and the budget is ${formatBytes(readBytes)}`);
  if (!limit) return;
  if (!cost || cost.currency !== limit.currency) {
    const why = cost ? `the price of ${source} is in ${cost.currency}` : `the settings have no price for ${source}`;
    throw new DrillError('price-missing', `the drill has a budget of ${formatMoney(limit)}, and ${why}`, {
      hint: `Add it to the settings: \`prices: { ${JSON.stringify(source)}: { perGb: 0.09, perThousandRequests: 0.0004, currency: ${limit.currency} } }\`, with the prices of your contract.`,
    });
  }
  if (cost.amount > limit.amount)
    throw overBudget(
      `reading ${formatBytes(bytes)} from ${source} would cost ${formatMoney(cost)}, and the budget is ${formatMoney(limit)}`,
    );
}

function overBudget(message: string): DrillError {
  return new DrillError('budget-exceeded', message, {
    hint: 'Nothing was read. Raise `budget` in the drill file, drill a smaller backup, or run the drill near the store, where reading costs less.',
  });
}
