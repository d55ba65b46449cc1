import type { Measured, PastCheck } from '../../../record/check-record.ts';
import { formatDay } from '../../../support/instants.ts';
import { formatDuration } from '../../../support/quantities.ts';
import { formatBig } from '../../findings.ts';

const DAY_MS = 86_400_000;
/** Backups closer to each other say little of a rate. */
const MIN_SPAN_MS = DAY_MS;
/** Where rates are only shown: of the fullest columns. */
const MAX_SHOWN = 5000;

/** How far a column's numbers have come. */
export interface Use {
  /** `orders.id` */
  readonly name: string;
  /** The column's type, as the server writes it. */
  readonly type: string;
  /** Steps from zero, in the direction in which it counts. */
  readonly used: bigint;
  /** Up to where it can count. */
  readonly size: bigint;
  /** 0 to 1. */
  readonly ratio: number;
}

/** Numbers used per day; undefined at a standstill. */
export interface Growth {
  readonly perDay: number;
  /** How long what is left lasts, in ms. */
  readonly lastsMs: number;
}

/** Of one earlier run: when its backup was taken, and how far each column had come. */
export interface PastUses {
  readonly takenAt: Date;
  readonly used: ReadonlyMap<string, bigint>;
}

/** Of uses, the fullest first. Where rates are judged (`isJudged`), each column is kept. */
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
 * The rate since the oldest backup of the earlier runs. @returns undefined without one that is at least a day older, and for a column that did not grow
 * since (it stands still, or begins anew after a TRUNCATE).
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

/** @returns why the column does not have enough room; undefined when it has. */
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
