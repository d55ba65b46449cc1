import { setTimeout as delay } from 'node:timers/promises';
import { describeSpread, median } from '../statistics.ts';

/** For the answers of one round. */
export interface Answers {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly mostMs: number;
}

const REQUESTS_EACH = 5;
const LOOK_MS = 1000;
const BURSTS = 10;

/** Readers that each send a request, read the answer for about a second, and repeat, starting at different moments. */
export async function readNowAndThen(page: () => Promise<void>, readers: number): Promise<Answers> {
  const answersMs: number[] = [];
  const read = async (index: number) => {
    await delay((LOOK_MS * index) / readers);
    for (let request = 0; request < REQUESTS_EACH; request += 1) {
      answersMs.push(await timed(page));
      await delay(LOOK_MS * (0.5 + Math.random()));
    }
  };
  await Promise.all(Array.from({ length: readers }, (_, index) => read(index)));
  return toAnswers(answersMs);
}

/**
 * All send a request at the same moment. The store answers in this process, one after the other: the time to each answer is measured, including the
 * queue.
 */
export async function readAtOnce(page: () => Promise<void>, readers: number): Promise<Answers> {
  const answersMs: number[] = [];
  for (let burst = 0; burst < BURSTS; burst += 1) {
    answersMs.push(...(await Promise.all(Array.from({ length: readers }, () => timed(page)))));
    await delay(LOOK_MS / 4);
  }
  return toAnswers(answersMs);
}

/** @returns whether the median of the rounds missed the limit. */
export function describeAnswers(
  rounds: readonly Answers[],
  how: string,
  limitMs: number,
  say: (text: string) => void,
): boolean {
  const spread = (pick: (answers: Answers) => number) => describeSpread(rounds.map(pick), 1);
  const p95 = `p95 ${spread(({ p95Ms }) => p95Ms)} ms of ${limitMs}`;
  say(`  ${how}: median ${spread(({ p50Ms }) => p50Ms)}, ${p95}, most ${spread(({ mostMs }) => mostMs)} ms`);
  return median(rounds.map(({ p95Ms }) => p95Ms)) > limitMs;
}

/** @returns milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function toAnswers(answersMs: readonly number[]): Answers {
  const sorted = answersMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), mostMs: at(1) };
}
