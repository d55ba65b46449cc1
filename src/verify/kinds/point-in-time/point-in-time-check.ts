import { checkMapping, mapping, name as nameSchema, prose } from '../../../config/fields.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';

/** Verifies that there are rows on both sides of the recovery point. */
export interface PointInTimeCheck extends CheckBase<'pointInTime'> {
  /** Query for rows that were committed before the point. */
  readonly before: string;
  /** Query for rows that were committed after the point. */
  readonly after: string;
  readonly database: string | undefined;
}

/** A count returns a row even if it counts nothing. */
const COUNT = /^select\s+count\s*\(/i;

export const pointInTimeCheck = defineCheckKind({
  key: 'pointInTime',
  needs: 'sql',
  schema: checkMapping({
    pointInTime: mapping({
      before: prose('a query')
        .describe('A query for rows that were committed before the point: it must return at least one.')
        .meta({ examples: ['select 1 from orders where id = 2001'] }),
      after: prose('a query')
        .describe('A query for rows that were committed after the point: it must return none.')
        .meta({ examples: ['select 1 from orders where id = 2002'] }),
    }).describe('Checks rows on both sides of the point that the drill recovers to (`recover.to`).'),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  resolve: ({ name, pointInTime, database, timeout }): PointInTimeCheck => ({
    kind: 'pointInTime',
    name,
    before: pointInTime.before.trim(),
    after: pointInTime.after.trim(),
    database,
    timeoutMs: parseDurationMs(timeout) ?? Number.NaN,
  }),
  findVacuous({ before, after }) {
    for (const [key, query] of Object.entries({ before, after })) {
      if (COUNT.test(query) && !/\bgroup\s+by\b/i.test(query))
        return {
          path: ['pointInTime', key],
          message: 'returns a row also where it counts none; select the rows themselves',
        };
    }
    return undefined;
  },
  describe: () => EXPECTED,
  async run({ before, after, database }, { probe }) {
    const isThere = async (query: string) => (await probe.query(query, { database, maxRows: 1 })).rows.length > 0;
    const [hasEarlier, hasLater] = [await isThere(before), await isThere(after)];
    return {
      passed: hasEarlier && !hasLater,
      expected: EXPECTED,
      actual: `${hasEarlier ? 'rows' : 'no rows'} from before the point, ${hasLater ? 'rows' : 'none'} from after it`,
    };
  },
});

const EXPECTED = 'rows from before the point, none from after it';
