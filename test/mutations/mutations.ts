import { parseArgs } from 'node:util';
import { updateTable } from './catch-table.ts';
import { openDamagedCopies } from './damaged-copies.ts';
import { readResults, type StoredResults, writeResults } from './results.ts';
import { sakila } from './sakila.ts';
import { shop } from './shop.ts';
import { SERVERS, subjectOf } from './subjects.ts';
import { type MutationResult, tryMutations } from './try-mutations.ts';

const USAGE = `npm run mutations [-- --server "Postgres 18"] [--sample sakila|shop] [--only PATTERN]
Damages restored copies of the sample databases and records which kind of check catches it, in test/mutations/results.json and docs/testing.md.
With --only nothing is recorded.`;

/** Takes about ten minutes on all servers. Needs the test images, and Sakila next to the checkout. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      server: { type: 'string' },
      sample: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const pattern = new RegExp(values.only ?? '');
  const samples = [sakila, shop].filter(({ name }) => values.sample === undefined || name === values.sample);
  const servers = Object.entries(SERVERS).filter(([name]) => values.server === undefined || name === values.server);
  if (samples.length === 0 || servers.length === 0) {
    console.log(USAGE);
    return 64;
  }
  const found: StoredResults = {};
  for (const [name, target] of servers) {
    for (const sample of samples) {
      await using copies = await openDamagedCopies(subjectOf(target), target.product, sample);
      const where = `${name}, ${sample.name}`;
      const results = await tryMutations(copies, {
        product: target.product,
        sample,
        without: target.runtime === 'local' ? ['command'] : [], // a server from npm has no client programs
        only: (title) => pattern.test(title),
        onResult: (result) => console.log(`${where}: ${describe(result)}`),
      });
      found[where] = Object.fromEntries(results.map(({ mutation, rulings }) => [mutation, rulings]));
    }
  }
  if (values.only === undefined) {
    const all = { ...(await readResults()), ...found };
    await writeResults(all);
    await updateTable(all);
  }
  return 0;
}

function describe({ mutation, rulings }: MutationResult): string {
  const by = (wanted: string) =>
    Object.entries(rulings)
      .filter(([, ruling]) => ruling === wanted)
      .map(([kind]) => kind)
      .join(', ');
  const others = ['shown', 'malformed'].map((ruling) => [ruling, by(ruling)]).filter(([, kinds]) => kinds !== '');
  return [`${mutation} → ${by('caught') || 'slipped through'}`, ...others.map((pair) => pair.join(': '))].join('; ');
}

process.exitCode = await main();
