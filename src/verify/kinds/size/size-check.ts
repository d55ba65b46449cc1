import { checkMapping, duration, name as nameSchema } from '../../../config/fields.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatBytes, parseDurationMs } from '../../../support/quantities.ts';
import { type ChangeRange, changeRangeSchema, formatChange, formatChangeRange } from '../../change-range.ts';
import { defineCheckKind } from '../../check-kind.ts';
import { judgeChange, type Slack } from '../../judge-change.ts';
import { readNumbers, readPastWindow } from '../../past-window.ts';

/** Compares the size of the restored database with the last good runs. */
export interface SizeCheck {
  readonly kind: 'size';
  readonly name: string;
  readonly size: ChangeRange;
  readonly sinceMs: number;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly timeoutMs: number;
}

/** In a small database, a few pages are a large share. */
const SLACK: Slack = { down: 2 ** 20, up: 16 * 2 ** 20 };

export const sizeCheck = defineCheckKind({
  key: 'size',
  needs: 'catalog',
  schema: checkMapping({
    size: changeRangeSchema().describe(
      'By how much the size of all tables and indexes may change, compared with the good runs since `since`: `-20%..+50%`. The first run learns.',
    ),
    since: duration().default('14d').describe('How far back, from the newest good run’s backup, good runs count.'),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  resolve({ name, size, since, database, timeout }): SizeCheck | undefined {
    const sinceMs = parseDurationMs(since) ?? Number.NaN;
    return { kind: 'size', name, size, sinceMs, database, timeoutMs: parseDurationMs(timeout) ?? Number.NaN };
  },
  questionOf: ({ database }) => [database ?? null],
  describe,
  async run(check, { probe, history }) {
    const expected = describe(check);
    const tables = await probe.catalog(check.database).tables();
    const sizes = tables.flatMap(({ bytes }) => bytes ?? []);
    if (tables.length === 0) return { expected, passed: false, actual: 'no table' };
    if (sizes.length === 0) throw noSizes();
    const bytes = sizes.reduce((sum, one) => sum + one, 0);
    const past = await readPastWindow(history(), check.sinceMs, ({ measured }) => readNumbers(measured));
    const found = judgeChange(bytes, past?.values.get('bytes'), check.size, SLACK);
    const now = formatBytes(bytes);
    const before = found && `${formatBytes(found.before)} before (${formatChange(found.before, bytes)})`;
    return {
      expected,
      passed: found?.isWithin ?? true,
      actual: before === undefined ? `learned ${now}: there is no good run to compare with` : `${now}, ${before}`,
      measured: { bytes },
    };
  },
});

function describe({ size }: SizeCheck): string {
  return `within ${formatChangeRange(size)} of the last good runs`;
}

function noSizes(): DrillError {
  return new DrillError('check-malformed', 'this server does not say how large its tables are', {
    hint: 'Compare rows instead (`rows`).',
  });
}
