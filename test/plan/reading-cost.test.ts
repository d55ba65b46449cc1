import { describe, expect, it } from 'vitest';
import { checkBudget, findPrice, priceReading, sumReadings } from '../../src/plan/reading-cost.ts';
import { DrillError } from '../../src/support/errors.ts';
import { describeReading, formatMoney } from '../../src/support/reading.ts';

const price = (of: string, perGb: number, currency = 'USD') => ({ of, perGb, perThousandRequests: 0.0004, currency });
const PRICES = [price('s3://acme/', 0.09), price('s3://acme/near/', 0), price('rclone:offsite:', 0.01, 'EUR')];

describe('the cost of reading', () => {
  it.each([
    ['s3://acme/orders/', 0.09],
    ['s3://acme/near/orders/', 0],
    ['s3://acme-other/', undefined],
    ['/srv/backups', undefined],
  ])('of %s uses the price with the longest matching prefix: %s', (source, perGb) => {
    expect(findPrice(PRICES, source)?.perGb).toBe(perGb);
  });

  it.each([
    [48_100_000_000, 22_937, '48.1 GB in 22,937 requests, 4.34 USD'],
    [1_000_000, 2, '1.00 MB in 2 requests, 0.000091 USD'],
    [0, 0, '0 B in 0 requests, 0.00 USD'],
    [2_000_000_000, undefined, '2.00 GB, 0.18 USD'],
    [1_000_000_000, 1, '1.00 GB in 1 request, 0.090 USD'],
  ])('of %d bytes in %s requests is described as %s', (bytes, requests, told) => {
    expect(describeReading(priceReading(bytes, requests, PRICES[0]))).toBe(told);
  });

  it.each([
    ['one source', [[1e9, 2, 'USD']], '1.00 GB in 2 requests, 0.090 USD'],
    [
      'two sources',
      [
        [1e9, 2, 'USD'],
        [2e9, 3, 'USD'],
      ],
      '3.00 GB in 5 requests, 0.27 USD',
    ],
    [
      'one that counts requests, and one that does not',
      [
        [1e9, 2, 'USD'],
        [2e9, undefined, 'USD'],
      ],
      '3.00 GB in 2 requests, 0.27 USD',
    ],
    [
      'one without a price',
      [
        [1e9, 2, 'USD'],
        [5, 1, undefined],
      ],
      '1.00 GB in 3 requests',
    ],
    [
      'one without a price that was not read',
      [
        [1e9, 2, 'USD'],
        [0, undefined, undefined],
      ],
      '1.00 GB in 2 requests, 0.090 USD',
    ],
    [
      'two currencies',
      [
        [1e9, 2, 'USD'],
        [1e9, 1, 'EUR'],
      ],
      '2.00 GB in 3 requests',
    ],
    ['nothing', [[0, 0, 'USD']], '0 B in 0 requests, 0.00 USD'],
  ] as const)('of %s is described as one sum', (_what, readings, told) => {
    const each = readings.map(([bytes, requests, currency]) =>
      priceReading(bytes, requests, currency && price('s3://', 0.09, currency)),
    );
    expect(describeReading(sumReadings(each))).toBe(told);
  });

  it('is omitted without a price', () => {
    expect(describeReading(priceReading(1000, 1, undefined))).toBe('1.00 kB in 1 request');
  });

  it.each([
    [5, '5.00 USD'],
    [0.1, '0.10 USD'],
    [0.0999, '0.10 USD'],
    [0.0004, '0.00040 USD'],
    [1e-12, '0.00000000 USD'],
  ])('%d is shown as %s', (amount, text) => {
    expect(formatMoney({ amount, currency: 'USD' })).toBe(text);
  });
});

describe('a budget', () => {
  const check = (budget: Parameters<typeof checkBudget>[0], bytes: number, prices = PRICES.slice(0, 1)) => {
    try {
      checkBudget(budget, priceReading(bytes, 10, prices[0]), 's3://acme/orders/');
      return 'kept';
    } catch (error) {
      return error instanceof DrillError ? `${error.code}: ${error.message}` : String(error);
    }
  };
  const usd = (amount: number) => ({ readBytes: undefined, cost: { amount, currency: 'USD' } });

  it.each([
    [undefined, 1e15, 'kept'],
    [{ readBytes: 1000, cost: undefined }, 1000, 'kept'],
    [
      { readBytes: 1000, cost: undefined },
      1001,
      'budget-exceeded: 1.00 kB would be read from s3://acme/orders/, and the budget is 1.00 kB',
    ],
    [usd(1), 11e9, 'kept'],
    [
      usd(1),
      12e9,
      'budget-exceeded: reading 12.0 GB from s3://acme/orders/ would cost 1.08 USD, and the budget is 1.00 USD',
    ],
    [usd(0), 1, expect.stringMatching(/^budget-exceeded/)],
  ])('%j with %d bytes to read: %s', (budget, bytes, told) => {
    expect(check(budget, bytes)).toEqual(told);
  });

  it('in money is refused without a price, or with a price in another currency', () => {
    expect(check(usd(1), 1, [])).toBe(
      'price-missing: the drill has a budget of 1.00 USD, and the settings have no price for s3://acme/orders/',
    );
    expect(check(usd(1), 1, PRICES.slice(2))).toContain('is in EUR');
  });
});
