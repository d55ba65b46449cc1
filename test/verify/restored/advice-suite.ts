import { expect } from 'vitest';
import { parse } from 'yaml';
import { checkSchema } from '../../../src/config/check-schema.ts';
import type { ProofEntry } from '../../../src/record/run-record.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { DATA_DAMAGES } from '../../../src/support/vocabulary.ts';
import { MANIFEST_ENDING } from '../../../src/verify/fingerprint/manifest.ts';
import { proveChecks } from '../../../src/verify/prove/prove-checks.ts';
import type { CheckSpec } from '../../../src/verify/registry.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { fakeNeighbours } from '../fake-hasher.ts';
import { FROM_DUMP, fakeSnapshots } from '../fake-pool.ts';
import { manifestOf } from './manifest-of.ts';
import type { RestoredShop } from './restored-shop.ts';

/** Proves a check that detects nothing, adds the checks that the proof advises, and expects every damage to be caught then. */
export async function expectAdviceToCatch({ server, database, pool }: RestoredShop): Promise<void> {
  const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
  const manifest = await manifestOf(pool, database, server.version);
  const neighbours = fakeNeighbours({ [`orders.dump${MANIFEST_ENDING}`]: manifest });
  const prove = (checks: readonly CheckSpec[]): Promise<readonly ProofEntry[]> =>
    proveChecks({
      server,
      database,
      checks,
      neighbours,
      kinds: new Set(DATA_DAMAGES),
      onTrial: () => undefined,
      place: { file: 'drills/shop.yaml', checkLines: checks.map(() => 1) },
      takenAt: new Date('2026-11-21T03:00:00Z'),
      restore: FROM_DUMP,
      rpoMs: undefined,
      clock: systemClock,
      signal,
      findPast: async () => [],
      snapshots: fakeSnapshots(),
    });
  const blind = await prove([checkOf({ name: 'blind', sql: 'select 1', expect: 1 })]);
  expect(blind.flatMap(({ caughtBy }) => caughtBy)).toEqual([]);
  const advice = [...new Set(blind.flatMap((entry) => entry.advice ?? []))];
  const advised = advice.flatMap((text) => (parse(text) as Record<string, unknown>[]).map(checkOf));
  for (const [index, entry] of blind.entries()) {
    if (entry.skipped !== undefined) continue;
    const own = advised[advice.indexOf(entry.advice ?? '')];
    if (!own) throw new Error(`nothing is advised on ${entry.damage}`);
    expect([entry.damage, (await prove([own]))[index]?.caughtBy]).toEqual([entry.damage, [own.name]]);
  }
}

function checkOf(file: Record<string, unknown>): CheckSpec {
  const check = checkSchema.parse(file).resolve({
    textOf: () => undefined,
    report: (path, message) => {
      throw new Error(`${path.join('.')} ${message}`);
    },
  });
  if (!check) throw new Error('no check');
  return check;
}
