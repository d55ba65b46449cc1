import { checkMapping, duration, name as nameSchema, oneOf } from '../../../config/fields.ts';
import { timezoneSchema } from '../../../config/schedule-schema.ts';
import type { Catalog, CatalogColumn } from '../../../engines/catalog.ts';
import type { Cell } from '../../../engines/query-result.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatDuration, parseDurationMs } from '../../../support/quantities.ts';
import { TableNames } from '../../catalog/table-names.ts';
import { type CheckBase, type CheckContext, defineCheckKind } from '../../check-kind.ts';
import { countOf } from '../../findings.ts';
import { showValue } from '../../show-value.ts';
import { type EpochUnit, type TimeReader, timeReaderOf } from './time-reader.ts';

/** Verifies that the newest value of a column is not much older than the backup. */
export interface FreshnessCheck extends CheckBase<'freshness'> {
  /** `TABLE.COLUMN`. */
  readonly column: string;
  /** undefined: the drill's RPO. */
  readonly withinMs: number | undefined;
  /** How far after the newest recoverable instant a value may be and still count, in milliseconds. */
  readonly aheadMs: number;
  readonly timezone: string;
  readonly unit: EpochUnit | undefined;
  readonly database: string | undefined;
}

export const freshnessCheck = defineCheckKind({
  key: 'freshness',
  needs: 'catalog',
  schema: checkMapping({
    freshness: nameSchema('a table and its column, such as payment.paid_at')
      .describe('`TABLE.COLUMN`: its newest value tells how fresh the data is.')
      .meta({ examples: ['payment.paid_at'] }),
    within: duration()
      .optional()
      .describe(
        'The newest value is at most this much older than the backup, or than the last transaction that was replayed from its log. Default: `objectives.rpo`.',
      )
      .meta({ examples: ['1h'] }),
    ahead: duration()
      .default('10m')
      .describe(
        'Values up to this much later than that are accepted. Later ones (due dates, wrong clocks) do not prove freshness: they are counted, but ignored.',
      ),
    timezone: timezoneSchema
      .default('UTC')
      .describe('Time zone of values without one: `date`, `timestamp without time zone`, `DATETIME`.')
      .meta({ examples: ['Europe/Berlin'] }),
    unit: oneOf(['seconds', 'milliseconds', 'microseconds'])
      .optional()
      .describe('For a column of whole numbers: the unit of its Unix timestamps.'),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  resolve({ name, freshness, within, ahead, timezone, unit, database, timeout }): FreshnessCheck | undefined {
    return {
      kind: 'freshness',
      name,
      column: freshness,
      withinMs: within === undefined ? undefined : parseDurationMs(within),
      aheadMs: parseDurationMs(ahead) ?? Number.NaN,
      timezone,
      unit,
      database,
      timeoutMs: parseDurationMs(timeout) ?? Number.NaN,
    };
  },
  findVacuous({ column }) {
    return /^[^.]+(\.[^.]+)+$/.test(column)
      ? undefined
      : { path: ['freshness'], message: 'must be a table and its column, such as payment.paid_at' };
  },
  describe: ({ withinMs }, context) =>
    `at most ${withinMs === undefined ? 'the RPO' : formatDuration(withinMs)} older than ${recoverableUntil(context).words}`,
  async run(check, context) {
    const { probe } = context;
    const withinMs = check.withinMs ?? context.rpoMs;
    if (withinMs === undefined) throw noLimit();
    const until = recoverableUntil(context);
    const expected = `at most ${formatDuration(withinMs)} older than ${until.words}`;
    const catalog = probe.catalog(check.database);
    const names = await TableNames.of(catalog);
    const columns = await catalog.columns();
    const found = names.findColumn(check.column, columns);
    if (typeof found === 'string') return { passed: false, expected, actual: `${found} is missing` };
    const reader = readerOf(found.column, check, catalog);
    if (reader.precisionMs > withinMs) throw tooCoarse(check.column, withinMs);
    const column = catalog.quote(found.column.name);
    const source: Source = {
      column,
      maximum: catalog.maximum?.(column) ?? `MAX(${column})`,
      table: catalog.quote(found.table.schema, found.table.name),
      boundMs: until.at.getTime() + check.aheadMs,
      reader,
    };
    const newest = await readNewest(source, check, context);
    return { expected, ...judge(newest, { until, withinMs, aheadMs: check.aheadMs }) };
  },
});

/** The newest instant that the restored data can reflect. */
interface Until {
  readonly at: Date;
  readonly words: string;
  readonly short: string;
}

/** With a replayed log, the time of its last transaction; for any other backup, when it was taken. */
function recoverableUntil({ takenAt, restore: { lastCommitAt } }: Pick<CheckContext, 'takenAt' | 'restore'>): Until {
  if (lastCommitAt && lastCommitAt > takenAt)
    return {
      at: lastCommitAt,
      words: `the last transaction, of ${lastCommitAt.toISOString()}`,
      short: 'last transaction',
    };
  return { at: takenAt, words: `the backup of ${takenAt.toISOString()}`, short: 'backup' };
}

interface Source {
  /** Quoted, as is the table. */
  readonly column: string;
  /** SQL for its greatest value. */
  readonly maximum: string;
  readonly table: string;
  readonly boundMs: number;
  readonly reader: TimeReader;
}

interface Newest {
  readonly cell: Cell;
  /** undefined: the cell is not an instant. */
  readonly instantMs: number | undefined;
  /** Number of values later than the bound. */
  readonly later: bigint;
}

/** Searches for the newest value up to the bound only if there are later ones: the plain maximum is an index lookup. */
async function readNewest(
  { column, maximum, table, boundMs, reader }: Source,
  { database }: FreshnessCheck,
  { probe }: CheckContext,
): Promise<Newest> {
  const all = await probe.query(`SELECT ${maximum} FROM ${table}`, { database, maxRows: 1 });
  const cell = all.rows[0]?.[0] ?? null;
  const instantMs = reader.toInstantMs(cell, boundMs);
  if (cell === null || (instantMs !== undefined && instantMs <= boundMs)) return { cell, instantMs, later: 0n };
  const bound = reader.toSql(boundMs);
  const upTo = await probe.query(
    `SELECT MAX(CASE WHEN ${column} <= ${bound} THEN ${column} END), SUM(CASE WHEN ${column} > ${bound} THEN 1 ELSE 0 END) FROM ${table}`,
    { database, maxRows: 1 },
  );
  const [newest = null, later] = upTo.rows[0] ?? [];
  return { cell: newest, instantMs: reader.toInstantMs(newest, boundMs), later: BigInt(String(later ?? 0)) };
}

function judge(
  { cell, instantMs, later }: Newest,
  { until, withinMs, aheadMs }: { readonly until: Until; readonly withinMs: number; readonly aheadMs: number },
) {
  const ignored =
    later === 0n
      ? ''
      : `; ${countOf(later, 'value')} more than ${formatDuration(aheadMs)} after the ${until.short} ignored`;
  if (cell === null) return { passed: false, actual: `no value${ignored}` };
  if (instantMs === undefined)
    return { passed: false, actual: `${showValue(cell)}, which is not an instant${ignored}` };
  const ageMs = until.at.getTime() - instantMs;
  const age = ageMs < 0 ? `${formatDuration(-ageMs)} newer` : `${formatDuration(ageMs)} older`;
  const newest = new Date(instantMs).toISOString();
  return { passed: ageMs <= withinMs, actual: `${newest}, ${age}${ignored}`, measured: { newest } };
}

function readerOf(
  column: CatalogColumn,
  { column: text, timezone, unit }: FreshnessCheck,
  { instant }: Pick<Catalog, 'instant'>,
): TimeReader {
  const reader = timeReaderOf(column, timezone, unit, instant);
  if (reader) return reader;
  const isNumber = column.integers !== undefined;
  throw new DrillError('check-malformed', `${text} is of type ${column.type}, which is not a time`, {
    hint: isNumber
      ? 'Say under `unit` what the numbers count: seconds, milliseconds or microseconds since 1970.'
      : 'Name a column of dates or times, or write this check as SQL with `newerThan`.',
  });
}

function noLimit(): DrillError {
  return new DrillError('check-malformed', 'has no `within`, and the drill has no `objectives.rpo`', {
    hint: 'Set one of them.',
  });
}

function tooCoarse(column: string, withinMs: number): DrillError {
  return new DrillError(
    'check-malformed',
    `${column} holds days, which cannot prove an age of ${formatDuration(withinMs)}`,
    {
      hint: 'Raise `within` to 1d or more, or name a column with a time of day.',
    },
  );
}
