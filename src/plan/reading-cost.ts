import type { Budget } from '../config/drill-file.ts';
import { DrillError } from '../support/errors.ts';
import { formatBytes } from '../support/quantities.ts';
import { formatMoney, type Price, type Reading } from '../support/reading.ts';

/** Prices are by the gigabyte of 10⁹ bytes. */
const GB = 1e9;

/** @returns the price of the longest beginning of this source that has one. */
export function findPrice(prices: readonly Price[], source: string): Price | undefined {
  const fitting = prices.filter(({ of }) => source.startsWith(of));
  return fitting.reduce<Price | undefined>(
    (best, price) => (best && best.of.length >= price.of.length ? best : price),
    undefined,
  );
}

/** @param requests undefined: not known; they cost nothing then. */
export function priceReading(bytes: number, requests: number | undefined, price: Price | undefined): Reading {
  const amount = price && (bytes / GB) * price.perGb + ((requests ?? 0) / 1000) * price.perThousandRequests;
  return { bytes, requests, cost: price && { amount: amount ?? 0, currency: price.currency } };
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
