import type { Measured, PastCheck } from '../../../record/check-record.ts';
import { countOf } from '../../findings.ts';

/** What one run of the check measured. */
export interface Timing {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** One line per item. */
  readonly plan: readonly string[];
}

export interface PastTiming extends Timing {
  readonly runId: string;
}

/** A median of fewer runs is chance. */
const MIN_PAST = 3;
/** A smaller difference is the noise of a busy machine, whatever its share. */
const NOISE_MS = 5;
const MAX_PLAN_LINES = 200;

/** Uses the nearest rank, so the result is a time that was measured. @param ratio 0 to 1. */
export function percentile(times: readonly number[], ratio: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] ?? 0;
}

export function toMeasured({ p50Ms, p95Ms, plan }: Timing): Measured {
  return { p50Ms: round(p50Ms), p95Ms: round(p95Ms), plan: plan.slice(0, MAX_PLAN_LINES) };
}

/** Newest first. */
export function readPast(past: readonly PastCheck[]): readonly PastTiming[] {
  return past.flatMap(({ runId, record }) => {
    const { p50Ms, p95Ms, plan } = record.measured ?? {};
    if (typeof p50Ms !== 'number' || typeof p95Ms !== 'number' || !Array.isArray(plan)) return [];
    return { runId, p50Ms, p95Ms, plan: plan.map(String) };
  });
}

/** @param maxIncrease 0.5: 50 % slower. */
export function findSlower(
  { p50Ms }: Timing,
  past: readonly PastTiming[],
  maxIncrease: number,
): { readonly isSlower: boolean; readonly note: string } {
  if (past.length < MIN_PAST)
    return { isSlower: false, note: `not compared: ${countOf(past.length, 'earlier run')}, ${MIN_PAST} needed` };
  const usual = percentile(
    past.map((one) => one.p50Ms),
    0.5,
  );
  const isSlower = p50Ms > usual * (1 + maxIncrease) && p50Ms - usual >= NOISE_MS;
  const change = usual > 0 ? Math.round((p50Ms / usual - 1) * 100) : 0;
  return { isSlower, note: `usual p50 ${formatMs(usual)} (${change < 0 ? '' : '+'}${change} %)` };
}

/** @returns the old plan and the new one, or nothing if they are equal. */
export function describePlanChange(plan: readonly string[], before: PastTiming | undefined): readonly string[] {
  if (!before || before.plan.join('\n') === plan.slice(0, MAX_PLAN_LINES).join('\n')) return [];
  return [
    `plan in run ${before.runId}:`,
    ...before.plan.map((line) => `- ${line}`),
    'plan now:',
    ...plan.map((line) => `+ ${line}`),
  ];
}

/** `0.42 ms`, `12.3 ms`, `1200 ms`. */
export function formatMs(ms: number): string {
  return `${ms < 10 ? round(ms) : ms < 100 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
}

/** Rounds to hundredths. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
