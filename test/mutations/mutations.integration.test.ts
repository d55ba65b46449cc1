import { expect, it } from 'vitest';
import { postgresSubject } from '../engines/contract-subjects.ts';
import { hasSakila } from '../support/sakila.ts';
import { openDamagedCopies } from './damaged-copies.ts';
import { readResults } from './results.ts';
import { sakila } from './sakila.ts';
import { shop } from './shop.ts';
import { tryMutations } from './try-mutations.ts';

/** A small part of what `npm run mutations` does on all servers, with the Postgres from `npm ci`, which has no client programs. */
it.each([
  [
    shop,
    [
      'one table emptied',
      '0.1 % of its rows lost',
      'two values swapped',
      'a key close to the end of its type',
      'an index lost',
    ],
  ],
  [
    sakila,
    [
      'one row lost that others refer to',
      'the newest rows lost (stale data)',
      'a sequence reset',
      'a function changed',
    ],
  ],
] as const)(
  'of damage to $name, the same kinds of checks catch the same as docs/testing.md says',
  async (sample, titles) => {
    if (sample === sakila && !hasSakila) return;
    await using copies = await openDamagedCopies(postgresSubject('local', '18'), 'postgres', sample);
    const found = await tryMutations(copies, {
      product: 'postgres',
      sample,
      without: ['command'],
      only: (title) => titles.some((each) => each === title),
    });
    const stored = (await readResults())[`Postgres 18, ${sample.name}`] ?? {};
    expect(found.map(({ mutation }) => mutation)).toEqual(titles);
    for (const { mutation, rulings } of found) {
      const { command: _, ...known } = stored[mutation] ?? {};
      expect(rulings, mutation).toEqual(known);
    }
  },
);
