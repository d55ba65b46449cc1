import { z } from 'zod';
import { checkMapping, duration, name as nameSchema, wholeNumber } from '../../../config/fields.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatCount, parseDurationMs } from '../../../support/quantities.ts';
import { type CheckBase, type CheckContext, defineCheckKind } from '../../check-kind.ts';
import { findQueryFile, querySource, readQuery } from '../query-source.ts';
import { describePlanChange, findSlower, formatMs, percentile, readPast, type Timing, toMeasured } from './timing.ts';

/** Verifies that a query answers in time, over several runs of it. */
export interface LatencyCheck extends CheckBase<'latency'> {
  readonly sql: string;
  readonly runs: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  /** Maximum increase over the median of the last good runs: 0.5 is 50 %; undefined: not compared. */
  readonly maxIncrease: number | undefined;
  readonly database: string | undefined;
}

/** Warm-up runs that are not counted: they fill the caches. */
const WARM_UPS = 3;
const MAX_ROWS = 10_000;
const PAST_RUNS = 20;

export const latencyCheck = defineCheckKind({
  key: 'latency',
  needs: 'catalog',
  schema: checkMapping({
    latency: querySource().describe(
      'A query to time, run after all other checks. Or `{ file: checks/x.sql }`, next to the drill file.',
    ),
    runs: wholeNumber(5, 1000).default(20).describe('How often the query is timed, after three warm-up runs.'),
    p50: duration()
      .optional()
      .describe('Maximum median time.')
      .meta({ examples: ['20ms'] }),
    p95: duration()
      .optional()
      .describe('Maximum 95th percentile.')
      .meta({ examples: ['100ms'] }),
    maxIncrease: increase()
      .optional()
      .describe(
        'How much longer p50 may be than its median over the last passed runs; needs three of them. An increase of less than 5 ms never fails. Default: `baseline.latency`.',
      )
      .meta({ examples: ['50%'] }),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  findFiles: ({ latency }) => findQueryFile('latency', latency),
  resolve(
    { name, latency, runs, p50, p95, maxIncrease, database, timeout },
    textOf,
    defaults = {},
  ): LatencyCheck | undefined {
    const text = readQuery('latency', latency, textOf);
    if (text === undefined) return undefined;
    return {
      kind: 'latency',
      name,
      sql: text,
      runs,
      p50Ms: p50 === undefined ? undefined : parseDurationMs(p50),
      p95Ms: p95 === undefined ? undefined : parseDurationMs(p95),
      maxIncrease: maxIncrease === undefined ? defaults.maxIncrease : parseIncrease(maxIncrease),
      database,
      timeoutMs: parseDurationMs(timeout) ?? Number.NaN,
    };
  },
  turnOf: () => 'alone',
  queryOf: ({ sql }) => sql,
  findVacuous({ p50Ms, p95Ms, maxIncrease }) {
    if (p50Ms !== undefined || p95Ms !== undefined || maxIncrease !== undefined) return undefined;
    return { path: ['latency'], message: 'has no limit, so the check could not fail; set p50, p95 or maxIncrease' };
  },
  questionOf: ({ sql, database }) => [sql.trim(), database ?? null],
  describe,
  async run(check, context) {
    const { probe, previous } = context;
    const plan = await probe.catalog(check.database).explain(check.sql);
    const times = await timeRuns(check, context);
    const timing: Timing = { p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95), plan };
    const past = readPast(await previous(PAST_RUNS));
    const slower = check.maxIncrease === undefined ? undefined : findSlower(timing, past, check.maxIncrease);
    const isOver = isAbove(timing.p50Ms, check.p50Ms) || isAbove(timing.p95Ms, check.p95Ms);
    const change = describePlanChange(plan, past[0]);
    const notes = [slower?.note, change.length > 0 ? 'the plan changed' : undefined].filter(
      (note) => note !== undefined,
    );
    const measured = `p50 ${formatMs(timing.p50Ms)}, p95 ${formatMs(timing.p95Ms)} in ${formatCount(check.runs)} runs`;
    const passed = !isOver && !(slower?.isSlower ?? false);
    return {
      passed,
      expected: describe(check),
      actual: [measured, ...notes].join('; '),
      details: change.length > 0 || passed ? change : plan,
      measured: toMeasured(timing),
    };
  },
});

function describe({ p50Ms, p95Ms, maxIncrease }: LatencyCheck): string {
  const limits = [
    p50Ms === undefined ? undefined : `p50 at most ${formatMs(p50Ms)}`,
    p95Ms === undefined ? undefined : `p95 at most ${formatMs(p95Ms)}`,
    maxIncrease === undefined ? undefined : `p50 at most ${Math.round(maxIncrease * 100)} % above its usual`,
  ];
  return limits.filter((limit) => limit !== undefined).join(', ');
}

/** Times in ms, without the warm-up runs. */
async function timeRuns(
  { sql, runs, database }: LatencyCheck,
  { probe, signal }: CheckContext,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = -WARM_UPS; run < runs; run += 1) {
    signal.throwIfAborted();
    const { tookMs, truncated } = await probe.query(sql, { database, maxRows: MAX_ROWS });
    if (truncated) throw tooManyRows();
    if (tookMs === undefined) throw new TypeError('the session does not measure');
    if (run >= 0) times.push(tookMs);
  }
  return times;
}

function isAbove(ms: number, limitMs: number | undefined): boolean {
  return limitMs !== undefined && ms > limitMs;
}

/** @param text of {@link increase}. @returns 0.5 for `50%`. */
export function parseIncrease(text: string): number {
  return Number.parseFloat(text) / 100;
}

/** `50%` up to `1000%`. */
export function increase() {
  const error = 'must be a percentage from 1% to 1000%, such as 50%';
  return z
    .string({ error })
    .refine((text) => /^\d+(\.\d+)?\s*%$/.test(text) && isWithin(Number.parseFloat(text), 1, 1000), { error })
    .meta({ pattern: '^\\d+(\\.\\d+)?\\s*%$' });
}

function isWithin(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function tooManyRows(): DrillError {
  return new DrillError(
    'check-malformed',
    `the query gives more than ${formatCount(MAX_ROWS)} rows, which are not all fetched`,
    {
      hint: 'Give it a LIMIT as the application does, or count its rows.',
    },
  );
}
