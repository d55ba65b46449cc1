import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { pickRows } from '../support/full-matrix.ts';
import { planCorpus } from './corpus.ts';
import { drillBackup, putFiles } from './drill-backup.ts';
import { seededRandom } from './random.ts';
import { corpusRecipes, runtimeOf, wholeRecipes } from './recipes/all-recipes.ts';
import { faultOfRefused, refusedCases } from './refusals.ts';
import { drillOf, runDamaged, said } from './run-damaged.ts';
import { makeServers, type Servers } from './servers/servers.ts';

/**
 * A small part of what `npm run field` does in an hour, on servers of this host and of MariaDB 10.11's container; CI drills the picked ones of them.
 * Damage: each effect, on Postgres and on MariaDB where both have it, and each layout once. In cases/ are UTF-16, two dumps of which the first is cut,
 * a warning of mysqldump before its SQL, tars that are cut, and a mydumper directory without a chunk.
 */
const SEED = 'ci';
const PICKED_DAMAGE = [
  'one flipped bit, in its SQL', // by oracle, plain SQL of Postgres in xz
  'a quote lost', // by oracle, Adminer
  'its contents file cut', // shown, directory
  'CR in a data member', // suspicious, directory
  'a schema member missing', // mydumper
];
/**
 * One layout or content each that other intact backups in the tests do not have; for two dumps in one file, see mysql/a2-concat-whole in
 * cases/.
 */
const PICKED_WHOLE = [
  'postgres 15 custom, partition root',
  'postgres 15 plain odd name',
  'mariadb 10.11 no autocommit',
  'mariadb 10.11 mysqldump-php, gzip',
];
const DAMAGED = 24;
const REFUSED = 8;
const WHOLE = 12;

let servers: Servers;
beforeAll(async () => {
  servers = await makeServers();
});
afterAll(() => servers[Symbol.asyncDispose]());

const local = corpusRecipes().filter((recipe) => runtimeOf(recipe) === 'local');

describe.skipIf(!inject('dockerAnswers'))('a damaged backup', () => {
  const planned = planCorpus(local, 1, SEED).slice(0, DAMAGED);

  it.each(pickRows(planned, PICKED_DAMAGE, ({ damage }) => damage.kind))(
    'gets the verdict that follows from what its own tools recover: $name',
    async (each) => {
      const result = await runDamaged(servers, each, 'local');
      expect(result && `${result.ruling}: ${result.said}`).toMatch(/^(right|not shown)\b/);
    },
  );
});

describe.skipIf(!inject('dockerAnswers'))('a backup of another product, or in an unsupported format', () => {
  const random = seededRandom(SEED);
  const cases = refusedCases().filter(({ recipe }) => recipe.name.startsWith('mariadb 10.11'));
  const some = Array.from({ length: REFUSED }, () => cases.splice(random.below(cases.length), 1)).flat();

  it.each(some)('is refused: $name', async (each) => {
    expect(await faultOfRefused(servers, each)).toBeUndefined();
  });
});

describe.skipIf(!inject('dockerAnswers'))('an intact backup', () => {
  const random = seededRandom(SEED);
  const recipes = wholeRecipes().filter((recipe) => runtimeOf(recipe) === 'local');
  const some = Array.from({ length: WHOLE }, () => recipes.splice(random.below(recipes.length), 1)).flat();

  it.each(pickRows(some, PICKED_WHOLE, ({ name }) => name))('passes: $name', async (recipe) => {
    const whole = await servers.whole(recipe);
    const outcome = await drillBackup(putFiles(whole.files), drillOf(whole, 'local'));
    expect(outcome.verdict, said(outcome)).toBe('passed');
    expect(outcome.leaks).toEqual([]);
  });
});
