import type { Catalog, CatalogColumn } from '../../../engines/catalog.ts';
import type { Cell } from '../../../engines/query-result.ts';
import { firstInstantMs, latestWallMs, openTimeZone, type TimeZone } from '../../../schedule/time-zone.ts';
import { asInstant } from '../../compare-values.ts';

const DAY_MS = 86_400_000;

/** Converts between a column's values and instants. */
export interface TimeReader {
  /** Precision of a value, in ms. */
  readonly precisionMs: number;
  /** The instant that the value means; if it could mean several, the latest up to `boundMs`; undefined: it means none (infinity, a zero date). */
  toInstantMs(cell: Cell, boundMs: number): number | undefined;
  /** SQL literal of the latest value that an instant up to `instantMs` can have. */
  toSql(instantMs: number): string;
}

export type EpochUnit = 'seconds' | 'milliseconds' | 'microseconds';

const PER_MS: Readonly<Record<EpochUnit, readonly [numerator: bigint, denominator: bigint]>> = {
  seconds: [1n, 1000n],
  milliseconds: [1n, 1n],
  microseconds: [1000n, 1n],
};

/**
 * @param unit for a column of whole numbers.
 * @param instant see `Catalog.instant`.
 * @returns undefined for a column that does not hold times.
 */
export function timeReaderOf(
  { time, integers }: Pick<CatalogColumn, 'time' | 'integers'>,
  timezone: string,
  unit: EpochUnit | undefined,
  instant: Catalog['instant'] = (utc) => `'${utc}'`,
): TimeReader | undefined {
  if (time === 'absolute') return absoluteReader(instant);
  if (time === 'wall') return wallReader(openTimeZone(timezone));
  if (time === 'date') return dateReader(openTimeZone(timezone));
  return integers && unit ? epochReader(unit) : undefined;
}

function absoluteReader(instant: NonNullable<Catalog['instant']>): TimeReader {
  return { precisionMs: 0, toInstantMs: toUtcMs, toSql: (instantMs) => instant(formatUtc(instantMs)) };
}

function wallReader(zone: TimeZone): TimeReader {
  return {
    precisionMs: 0,
    toInstantMs: (cell, boundMs) => {
      const wallMs = toUtcMs(cell);
      return wallMs === undefined ? undefined : latestInstantMs(zone, wallMs, boundMs);
    },
    toSql: (instantMs) => `'${formatUtc(latestWallMs(zone, instantMs))}'`,
  };
}

/** A date may mean any instant of that day, so that data from yesterday evening is not mistaken for data from yesterday morning. */
function dateReader(zone: TimeZone): TimeReader {
  return {
    precisionMs: DAY_MS,
    toInstantMs: (cell, boundMs) => {
      const wallMs = toUtcMs(cell);
      if (wallMs === undefined) return undefined;
      const startMs = firstInstantMs(zone, wallMs);
      return startMs > boundMs ? startMs : Math.min(boundMs, firstInstantMs(zone, wallMs + DAY_MS) - 1);
    },
    toSql: (instantMs) => `'${formatUtc(latestWallMs(zone, instantMs)).slice(0, 10)}'`,
  };
}

function epochReader(unit: EpochUnit): TimeReader {
  const [numerator, denominator] = PER_MS[unit];
  return {
    precisionMs: 0,
    toInstantMs: (cell) => {
      const isWhole = cell !== null && !(cell instanceof Date) && /^-?\d{1,19}$/.test(String(cell));
      const ms = isWhole ? Number((BigInt(String(cell)) * denominator) / numerator) : Number.NaN;
      return Number.isNaN(new Date(ms).getTime()) ? undefined : ms;
    },
    toSql: (instantMs) => String((BigInt(instantMs) * numerator) / denominator),
  };
}

/** When clocks go back, an hour occurs twice: returns the later one, unless that is after the bound. */
function latestInstantMs(zone: TimeZone, wallMs: number, boundMs: number): number {
  const firstMs = firstInstantMs(zone, wallMs);
  const next = zone.periodAt(zone.periodAt(firstMs).endMs);
  const secondMs = wallMs - next.offsetMs;
  return secondMs >= next.startMs && secondMs <= boundMs ? Math.max(firstMs, secondMs) : firstMs;
}

/** Treats the value as UTC, whether or not it is. */
function toUtcMs(cell: Cell): number | undefined {
  const micros = asInstant(cell);
  return micros === undefined ? undefined : Number(micros / 1000n);
}

function formatUtc(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
