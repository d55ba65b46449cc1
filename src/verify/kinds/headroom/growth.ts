import type { Measured, PastCheck } from '../../../record/check-record.ts';
import { formatDay } from '../../../support/instants.ts';
import { formatDuration } from '../../../support/quantities.ts';
import { formatBig } from '../../findings.ts';

const DAY_MS = 86_400_000;
/** Backups closer together than this say little about a rate. */
const MIN_SPAN_MS = DAY_MS;
/** Maximum number of columns stored (the fullest ones) if rates are only shown and not judged. */
const MAX_SHOWN = 5000;

/** How much of a column's range is used. */
export interface Use {
  /** `orders.id` */
  readonly name: string;
  /** The column's type, as the server writes it. */
  readonly type: string;
  /** Steps from zero, in the direction of counting. */
  readonly used: bigint;
  /** Number of steps available in total. */
  readonly size: bigint;
  /** 0 to 1. */
  readonly ratio: number;
}

/** Numbers used per day; undefined if the column does not grow. */
export interface Growth {
  readonly perDay: number;
  /** How long the remaining numbers will last, in ms. */
  readonly lastsMs: number;
}

/** Data of one earlier run: when its backup was taken, and how much of each column was used. */
export interface PastUses {
  readonly takenAt: Date;
  readonly used: ReadonlyMap<string, bigint>;
}

/** @param uses the fullest first. If rates are judged (`isJudged`), all columns are stored. */
export function toMeasured(uses: readonly Use[], isJudged: boolean): Measured {
  const kept = isJudged ? uses : uses.slice(0, MAX_SHOWN);
  return { used: kept.map(({ name, used }) => [name, String(used)]) };
}

export function readPast(past: readonly PastCheck[]): readonly PastUses[] {
  return past.flatMap(({ takenAt, record }) => {
    const pairs = record.measured?.['used'];
    if (!Array.isArray(pairs)) return [];
    return { takenAt, used: new Map(pairs.map(([name, used]) => [String(name), BigInt(String(used))])) };
  });
}

/**
 * The growth rate since the oldest backup of the earlier runs. @returns undefined if none is at least a day older, and for a column that has not grown since
 * (it is idle, or restarted after a TRUNCATE).
 */
export function growthOf({ name, used, size }: Use, past: readonly PastUses[], takenAt: Date): Growth | undefined {
  const oldest = past
    .filter((one) => takenAt.getTime() - one.takenAt.getTime() >= MIN_SPAN_MS && one.used.has(name))
    .toSorted((a, b) => a.takenAt.getTime() - b.takenAt.getTime())[0];
  const before = oldest?.used.get(name);
  if (!oldest || before === undefined || used <= before) return undefined;
  const perDay = (Number(used - before) * DAY_MS) / (takenAt.getTime() - oldest.takenAt.getTime());
  const left = size > used ? Number(size - used) : 0;
  return { perDay, lastsMs: (left / perDay) * DAY_MS };
}

/** @returns why the column does not have enough room; undefined if it does. */
export function judgeUse(
  use: Use,
  growth: Growth | undefined,
  {
    maxUsed,
    horizonMs,
    takenAt,
  }: { readonly maxUsed: number; readonly horizonMs: number | undefined; readonly takenAt: Date },
): string | undefined {
  const isShort = horizonMs !== undefined && growth !== undefined && growth.lastsMs < horizonMs;
  return use.ratio > maxUsed || isShort ? describeUse(use, growth, takenAt) : undefined;
}

/** `orders.id: 71.2 % of integer used, 41,000 a day, runs out on 3 Mar 2027`. */
export function describeUse({ name, type, ratio }: Use, growth: Growth | undefined, takenAt: Date): string {
  const share = `${name}: ${Math.floor(ratio * 1000) / 10} % of ${type} used`;
  if (!growth) return share;
  const rate = growth.perDay < 10 ? growth.perDay.toFixed(1) : formatBig(BigInt(Math.round(growth.perDay)));
  return `${share}, ${rate} a day, ${describeEnd(growth.lastsMs, takenAt)}`;
}

const MAX_DATED_MS = 100 * 365 * DAY_MS;

function describeEnd(lastsMs: number, takenAt: Date): string {
  if (lastsMs > MAX_DATED_MS) return 'lasts more than 100 years';
  const end = new Date(takenAt.getTime() + lastsMs);
  return `runs out on ${formatDay(end)} (in ${formatDuration(Math.max(0, lastsMs))})`;
}
