import { z } from 'zod';
import { checkMapping, duration, name as nameSchema, percent } from '../../../config/fields.ts';
import { formatDuration, parseDurationMs, parseRatio } from '../../../support/quantities.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';
import { countOf, findingOf } from '../../findings.ts';
import { chooseCounters } from './choose-counters.ts';
import { describeUse, type Growth, growthOf, judgeUse, readPast, toMeasured, type Use } from './growth.ts';
import { readUses } from './read-uses.ts';

/** Verifies that growing whole numbers are far from the limit of their column's type. */
export interface HeadroomCheck extends CheckBase<'headroom'> {
  /** Names and patterns of tables; undefined: all. */
  readonly tables: readonly string[] | undefined;
  /** 0 to 1. */
  readonly maxUsed: number;
  /** How long the numbers must last at their current rate, at least, in milliseconds; undefined: not checked. */
  readonly horizonMs: number | undefined;
  readonly except: readonly string[];
  readonly database: string | undefined;
}

const PAST_RUNS = 60;
const LISTED = 5;
const tableName = () => nameSchema('the name of a table, or a pattern such as "order*"');

export const headroomCheck = defineCheckKind({
  key: 'headroom',
  needs: 'keys',
  schema: checkMapping({
    headroom: z
      .union([z.literal('all'), z.array(tableName()).min(1, { error: 'is empty; write all, or a list of tables' })], {
        error: 'must be all, or a list of tables',
      })
      .describe(
        '`all`, or names and patterns of the tables whose keys are checked: columns filled by a sequence or AUTO_INCREMENT, single-column integer primary keys, and columns that reference such keys.',
      )
      .meta({ examples: ['all', ['orders', 'event*']] }),
    maxUsed: percent()
      .default('80%')
      .describe('How much of its range a column may use.')
      .meta({ examples: ['70%'] }),
    horizon: duration()
      .optional()
      .describe(
        'How long the remaining numbers must last at the rate of the earlier runs. Needs backups at least a day apart.',
      )
      .meta({ examples: ['365d'] }),
    except: z
      .array(nameSchema('a column such as orders.id'), { error: 'must be a list of columns' })
      .default([])
      .describe('Columns that are left out: `orders.id`.'),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  resolve({ name, headroom, maxUsed, horizon, except, database, timeout }): HeadroomCheck | undefined {
    return {
      kind: 'headroom',
      name,
      tables: headroom === 'all' ? undefined : headroom,
      maxUsed: parseRatio(maxUsed) ?? Number.NaN,
      horizonMs: horizon === undefined ? undefined : parseDurationMs(horizon),
      except,
      database,
      timeoutMs: parseDurationMs(timeout) ?? Number.NaN,
    };
  },
  questionOf: ({ tables, except, database }) => [tables?.toSorted() ?? null, except.toSorted(), database ?? null],
  describe,
  async run(check, { probe, previous, takenAt, onWarning }) {
    const catalog = probe.catalog(check.database);
    const { counters, missing, unknown } = await chooseCounters(check, catalog);
    for (const name of unknown) onWarning(`excepts ${name}, which is not among the columns that it checks`);
    const uses = (await readUses(counters, { probe, catalog, database: check.database })).toSorted(
      (a, b) => b.ratio - a.ratio,
    );
    const past = readPast(await previous(PAST_RUNS));
    const judged = uses.map((use) => ({ use, growth: growthOf(use, past, takenAt) }));
    const problems = [
      ...missing,
      ...judged.flatMap(({ use, growth }) => judgeUse(use, growth, { ...check, takenAt }) ?? []),
    ];
    if (uses.length === 0 && missing.length === 0) problems.push('there are no keys of whole numbers');
    const notes = judged.slice(0, LISTED).map(({ use, growth }) => describeUse(use, growth, takenAt));
    const finding = findingOf(problems, fine(judged, check), problems.length > 0 && uses.length < 2 ? [] : notes);
    return { expected: describe(check), ...finding, measured: toMeasured(uses, check.horizonMs !== undefined) };
  },
});

function fine(judged: readonly { use: Use; growth: Growth | undefined }[], { horizonMs }: HeadroomCheck): string {
  const [fullest] = judged;
  if (!fullest) return 'nothing';
  const rate =
    judged.some(({ growth }) => growth) || horizonMs === undefined ? '' : '; no rate yet: needs backups a day apart';
  return `${countOf(judged.length, 'column')}, at most ${formatShare(fullest.use.ratio)} used (${fullest.use.name})${rate}`;
}

function describe({ maxUsed, horizonMs }: HeadroomCheck): string {
  const lasting = horizonMs === undefined ? '' : `, lasting ${formatDuration(horizonMs)}`;
  return `at most ${formatShare(maxUsed)} of each key’s range used${lasting}`;
}

function formatShare(ratio: number): string {
  return `${Math.floor(ratio * 1000) / 10} %`;
}
