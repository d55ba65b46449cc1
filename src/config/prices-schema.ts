import { z } from 'zod';
import { SOURCE_EXAMPLES } from '../backup/registry.ts';
import type { Money, Price } from '../support/reading.ts';
import { mapping } from './fields.ts';

const amount = () => {
  const error = 'must be a number from 0 to 1000000';
  return z.number({ error }).min(0, { error }).max(1_000_000, { error });
};

const currency = () =>
  z
    .string({ error: 'must be a currency such as USD' })
    .regex(/^[A-Z]{3}$/, { error: 'must be a currency of three capital letters such as USD' });

/** `prices:` in the settings. */
export const pricesSchema = z.record(
  z.string().regex(/^\S/, { error: `must be the beginning of a source: ${SOURCE_EXAMPLES}` }),
  mapping({
    perGb: amount().default(0).describe('Cost of reading a gigabyte (10⁹ bytes), transfer and retrieval together.'),
    perThousandRequests: amount().default(0).describe('Cost of a thousand requests.'),
    currency: currency().default('USD').describe('Currency of both prices, as an ISO 4217 code.'),
  }),
  { error: 'must be a mapping of prices by the beginning of a source, such as s3://acme-backups/' },
);

export function resolvePrices(prices: z.output<typeof pricesSchema>): readonly Price[] {
  return Object.entries(prices).map(([of, price]) => ({ of, ...price }));
}

/** `5 USD`, as parsed by {@link parseMoney}. */
export const money = () =>
  z
    .string({ error: 'must be an amount with a currency such as 5 USD' })
    .regex(/^\d+(?:\.\d+)? [A-Z]{3}$/, { error: 'must be an amount with a currency such as 5 USD' });

export function parseMoney(text: string): Money {
  const [amount, currency = ''] = text.split(' ');
  return { amount: Number(amount), currency };
}

/** `budget:` in a drill file. */
export const budgetSchema = mapping({
  read: z
    .string({ error: 'must be a size with a unit such as 500g' })
    .regex(/^\d+(\.\d+)?\s*[kmgtKMGT](i?[bB])?$/, { error: 'must be a size with a unit such as 500g' })
    .optional()
    .describe('The most that a run may read from the source: `500g`, in powers of 1024.')
    .meta({ examples: ['500g'] }),
  cost: money()
    .optional()
    .describe('The most that a run’s reading may cost, at the `prices` in the settings.')
    .meta({ examples: ['5 USD'] }),
}).refine(({ read, cost }) => read !== undefined || cost !== undefined, {
  error: 'is empty; set read, cost or both',
});
