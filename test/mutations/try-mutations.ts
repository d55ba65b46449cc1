import { checkSchema } from '../../src/config/check-schema.ts';
import type { CheckRecord } from '../../src/record/check-record.ts';
import { systemClock } from '../../src/support/clock.ts';
import { asDrillError } from '../../src/support/errors.ts';
import type { CheckSpec } from '../../src/verify/registry.ts';
import { runChecks } from '../../src/verify/run-checks.ts';
import type { SessionPool } from '../../src/verify/session-pool.ts';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';
import { fakeNeighbours } from '../verify/fake-hasher.ts';
import { FROM_DUMP, fakeSnapshots } from '../verify/fake-pool.ts';
import { manifestOf } from '../verify/restored/manifest-of.ts';
import type { DamagedCopies } from './damaged-copies.ts';
import { MUTATIONS, type Mutation } from './damages.ts';
import type { Product, Sample } from './sample.ts';

/** The outcome of a check on a damage: failed, passed with a warning or another plan, passed, or could not be run. */
export type Ruling = 'caught' | 'shown' | 'missed' | 'malformed';

export interface MutationResult {
  readonly mutation: string;
  /** By the kind of check. */
  readonly rulings: Readonly<Record<string, Ruling>>;
}

export interface TryOptions {
  readonly product: Product;
  readonly sample: Sample;
  /** Kinds of checks that this server cannot run. */
  readonly without: readonly string[];
  readonly only?: (title: string) => boolean;
  readonly onResult?: (result: MutationResult) => void;
}

const DAY_MS = 86_400_000;

/**
 * Lets a check of each kind learn from the intact sample, which it must pass, and runs it on each damaged copy, with one restore for each
 * damage.
 * @throws Error when a check does not pass on the intact sample, or passes with a warning when it is restored again.
 */
export async function tryMutations(
  copies: DamagedCopies,
  { product, sample, without, only = () => true, onResult }: TryOptions,
): Promise<readonly MutationResult[]> {
  const pool = await copies.restore([]);
  const checks = new Map(
    Object.entries(await completeChecks(sample, product, pool))
      .filter(([kind]) => !without.includes(kind))
      .map(([kind, file]) => [kind, resolve(kind, file)]),
  );
  const run = openRuns(sample, await manifestOf(pool, copies.database, copies.server.version));
  const learned = new Map<string, CheckRecord>();
  for (const [kind, check] of checks) {
    const { record } = await run(pool, check);
    if (!record.passed) throw new Error(`${kind} does not pass on ${sample.name}: ${record.actual}`);
    learned.set(kind, record);
  }
  const again = await copies.restore([]);
  for (const [kind, check] of checks) {
    const ruling = await rule(run(again, check, learned.get(kind)));
    if (ruling !== 'missed') throw new Error(`${kind}: ${ruling}, and nothing was damaged`);
  }
  const results: MutationResult[] = [];
  for (const { mutation, statements } of planned(product, sample, only)) {
    const damaged = await copies.restore(statements);
    const rulings: Record<string, Ruling> = {};
    for (const [kind, check] of checks) rulings[kind] = await rule(run(damaged, check, learned.get(kind)));
    const result = { mutation: mutation.title, rulings };
    results.push(result);
    onResult?.(result);
  }
  return results;
}

function planned(product: Product, sample: Sample, only: (title: string) => boolean) {
  return MUTATIONS.flatMap((mutation): { mutation: Mutation; statements: readonly string[] }[] => {
    const statements = only(mutation.title) ? mutation.statements(sample.names(product), product) : undefined;
    return statements ? [{ mutation, statements }] : [];
  });
}

/** A sample has as many tables as its dump. */
async function completeChecks(sample: Sample, product: Product, pool: SessionPool) {
  const tables = await pool.catalog(undefined).tables();
  const count = tables.filter(({ kind }) => kind === 'table' || kind === 'partitioned').length;
  const checks = sample.checks(product);
  return { ...checks, command: { ...checks['command'], expect: { min: count } } };
}

async function rule(ran: Promise<{ record: CheckRecord; isShown: boolean }>): Promise<Ruling> {
  try {
    const { record, isShown } = await ran;
    if (!record.passed) return 'caught';
    return isShown ? 'shown' : 'missed';
  } catch (thrown) {
    if (asDrillError(thrown).code === 'check-malformed') return 'malformed';
    throw thrown;
  }
}

/** Runs one check, compared with its result on the intact sample a day earlier. */
function openRuns({ name, takenAt }: Sample, manifest: string) {
  const snapshots = fakeSnapshots();
  const neighbours = fakeNeighbours({ 'orders.dump.fingerprint.json': manifest });
  const before = new Date(takenAt.getTime() - DAY_MS);
  return async (pool: SessionPool, check: CheckSpec, learned?: CheckRecord) => {
    const warnings: string[] = [];
    const past = learned && [{ runId: 'whole', startedAt: before, takenAt: before, record: learned }];
    const [record] = await runChecks(pool, [check], {
      place: { file: `drills/${name}.yaml`, checkLines: [1] },
      takenAt,
      restore: FROM_DUMP,
      neighbours,
      rpoMs: DAY_MS,
      clock: systemClock,
      signal: AbortSignal.timeout(STEP_TIMEOUT_MS),
      snapshots,
      findPast: async ({ after }) => (after ? [] : (past ?? [])),
      onWarning: (warning) => warnings.push(warning),
    });
    if (!record) throw new Error(`${check.name} gave no result`);
    return { record, isShown: warnings.length > 0 || record.actual.includes('the plan changed') };
  };
}

function resolve(kind: string, file: Readonly<Record<string, unknown>>): CheckSpec {
  const report = (path: readonly string[], message: string) => {
    throw new Error(`${kind}: ${path.join('.')} ${message}`);
  };
  const check = checkSchema.parse({ name: kind, ...file }).resolve({ textOf: () => undefined, report });
  if (!check) throw new Error(`${kind} is no check`);
  return check;
}
