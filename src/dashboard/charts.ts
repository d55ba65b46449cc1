import type { CheckRecord } from '../record/check-record.ts';
import type { RunRecord, StageRecord } from '../record/run-record.ts';
import type { Prediction } from '../run/contract.ts';
import { html, type Markup, nothing } from '../support/html.ts';
import { formatDuration } from '../support/quantities.ts';
import type { PhaseName, StageName } from '../support/vocabulary.ts';

/** Small SVG charts without inline styles: classes and plain attributes only, as the pages' Content-Security-Policy requires. */

/** Recovery time with its target as a line. The same information is next to it as text, so it is hidden from screen readers. */
export function recoveryBar(recoveryMs: number, targetMs: number): Markup {
  const scaleMs = Math.max(recoveryMs, targetMs * 1.15);
  const width = clampTo(100, (recoveryMs / scaleMs) * 100);
  const target = clampTo(100, (targetMs / scaleMs) * 100);
  const tone = recoveryMs > targetMs ? 'bad' : 'good';
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="fill ${tone}" width="${round(width)}" height="8"/><rect class="target" x="${round(Math.min(target, 99))}" width="1" height="8"/></svg>`;
}

/** Recovery time so far, the range in which it is predicted to end, and the RTO as a line. The same information is next to it as text. */
export function finishBar({ elapsedMs, rtoMs, finish }: Prediction, label: string): Markup {
  const scaleMs = Math.max(1, rtoMs * 1.02, elapsedMs, finish?.highMs ?? 0); // so that the line of the RTO is not at the edge
  const at = (ms: number) => round(clampTo(100, (ms / scaleMs) * 100));
  const tone = elapsedMs > rtoMs ? 'bad' : 'busy';
  const tick = at(rtoMs);
  const range =
    finish &&
    html`<rect class="range" x="${at(finish.lowMs)}" width="${Math.max(0.6, round(at(finish.highMs) - at(finish.lowMs)))}" height="8"/><rect class="likely" x="${Math.min(99.4, at(finish.likelyMs))}" width="0.6" height="8"/>`;
  return html`<svg class="bar finish-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="progressbar" aria-label="${label}" aria-valuemin="0" aria-valuemax="${Math.round(rtoMs / 1000)}" aria-valuenow="${Math.min(Math.round(rtoMs / 1000), Math.round(elapsedMs / 1000))}"><rect class="track" width="100" height="8"/>${range}<rect class="fill ${tone}" width="${at(elapsedMs)}" height="8"/><line class="target" x1="${tick}" x2="${tick}" y1="0" y2="8"/></svg>`;
}

const SPARK = { width: 120, height: 24, pad: 3 } as const;

/** Recovery times of the last runs, oldest first, with the target as a line; runs that did not pass are crosses. @param runs newest first. */
export function sparkline(runs: readonly RunRecord[]): Markup {
  const timed = runs.filter((run) => run.recoveryTimeMs !== undefined).toReversed();
  if (timed.length < 2) return nothing;
  const targetMs = timed.at(-1)?.objectives.rtoMs ?? 0;
  const highestMs = Math.max(targetMs, ...timed.map((run) => run.recoveryTimeMs ?? 0));
  const x = (index: number) => SPARK.pad + (index / (timed.length - 1)) * (SPARK.width - 2 * SPARK.pad);
  const y = (ms: number) => SPARK.height - SPARK.pad - (ms / highestMs) * (SPARK.height - 2 * SPARK.pad);
  const points = timed.map((run, index) => [Math.round(x(index)), tenth(y(run.recoveryTimeMs ?? 0))] as const);
  const failed = points.filter((_, index) => !hasPassed(timed[index]));
  const label = `recovery times of the last ${timed.length} timed runs${failed.length > 0 ? `, ${failed.length} not passed` : ''}`;
  return html`<svg class="spark" viewBox="0 0 ${SPARK.width} ${SPARK.height}" role="img" aria-label="${label}"><line class="target" x1="0" x2="${SPARK.width}" y1="${round(y(targetMs))}" y2="${round(y(targetMs))}"/><polyline points="${points.map((point) => point.join(',')).join(' ')}"/>${failed.map(([px, py]) => html`<path class="cross" d="M${px - 2.5} ${py - 2.5}l5 5m0-5l-5 5"/>`)}</svg>`;
}

/** The time span that a waterfall's width covers. */
export interface WaterfallScale {
  readonly startMs: number;
  readonly totalMs: number;
  /** Position of a line, in milliseconds since the start; undefined: none. */
  readonly targetMs: number | undefined;
}

/** The position of a stage or phase within the duration of the run, in its colour. */
export function waterfallBar(
  name: StageName | PhaseName,
  { fromMs, durationMs }: { readonly fromMs: number; readonly durationMs: number },
  { startMs, totalMs, targetMs }: WaterfallScale,
): Markup {
  const x = clampTo(99.4, ((fromMs - startMs) / totalMs) * 100);
  const width = clampTo(100 - x, Math.max(0.4, (durationMs / totalMs) * 100));
  const target =
    targetMs !== undefined &&
    html`<rect class="rto" x="${round(clampTo(99.7, (targetMs / totalMs) * 100))}" width="0.3" height="10"/>`;
  return html`<svg class="fall" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="stage ${name}" x="${round(x)}" width="${round(width)}" height="10"/>${target}</svg>`;
}

/** The scale below a waterfall: start, middle and end. */
export function axisBar(totalMs: number): Markup {
  return html`<span class="axis"><span>0</span><span>${formatDuration(totalMs / 2)}</span><span>${formatDuration(totalMs)}</span></span>`;
}

/** A stage's duration relative to the longest, in its colour. @param share 0 to 1. */
export function shareBar(stage: StageRecord['name'], share: number): Markup {
  return html`<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="stage ${stage}" width="${round(clampTo(100, share * 100))}" height="10"/></svg>`;
}

/**
 * One mark per run, oldest first: filled if the check passed, crossed if it failed.
 * @param results newest first; undefined: the check was not run.
 */
export function checkStrip(name: string, results: readonly (CheckRecord | undefined)[]): Markup {
  const passed = results.filter((result) => result?.passed).length;
  const known = results.filter((result) => result !== undefined).length;
  const marks = results.toReversed().map((result, index) => {
    const x = index * 12;
    if (!result) return html`<circle class="none" cx="${x + 5}" cy="6" r="1.5"/>`;
    if (result.passed) return html`<rect class="fill good" x="${x}" y="1" width="10" height="10" rx="2"/>`;
    return html`<path class="cross" d="M${x + 1} 2l8 8m0-8l-8 8"/>`;
  });
  return html`<svg class="strip" viewBox="0 0 ${Math.max(12, results.length * 12)} 12" width="${Math.max(12, results.length * 12)}" height="12" role="img" aria-label="${name}: passed in ${passed} of ${known} runs">${marks}</svg>`;
}

function hasPassed(run: RunRecord | undefined): boolean {
  return run?.verdict === 'passed';
}

function clampTo(highest: number, value: number): number {
  return Math.min(highest, Math.max(0, Number.isFinite(value) ? value : 0));
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
