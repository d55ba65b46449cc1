import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import { formatAge } from '../support/quantities.ts';
import { untilAborted } from '../support/until-aborted.ts';

export interface Health {
  readonly ok: boolean;
  readonly sentence: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly (Health & { readonly name: string })[];
}

/** One thing that must work for drills to run. */
export interface Probe {
  readonly name: string;
  /** @returns a sentence saying that it works. Throws an error that says what is wrong. */
  check(signal: AbortSignal): Promise<string> | string;
}

export interface ReadinessOptions {
  readonly clock: Clock;
  /** Removes secrets from a sentence. */
  readonly redact: (text: string) => string;
  /** Timeout of a probe. */
  readonly timeoutMs?: number;
  /** How long an answer is cached, so that frequent requests do not load the engine and the store. */
  readonly holdsMs?: number;
}

/** Runs all probes in parallel; concurrent callers share one answer. */
export function createReadiness(probes: readonly Probe[], options: ReadinessOptions): () => Promise<Readiness> {
  const { clock, timeoutMs = 5000, holdsMs = 2000 } = options;
  let answer: { readonly readiness: Promise<Readiness>; readonly untilMs: number } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (!answer || nowMs >= answer.untilMs)
      answer = { readiness: askAll(probes, timeoutMs, options.redact), untilMs: nowMs + holdsMs };
    return answer.readiness;
  };
}

/** The scheduler's times that health checks need. */
export interface Clockwork {
  /** When it last checked all schedules. */
  readonly lastGoodTickAt: Date;
  /** When it will check a schedule next; undefined: no drill has scheduled times. */
  readonly nextDueAt: Date | undefined;
  /** `on standby: the scheduler on db-1 (process 812) leads`, `scheduling is left to other processes`; undefined: this one leads. */
  readonly standby?: string | undefined;
}

/** Whether the scheduler's loop is alive: it ticks every 15 seconds, even when nothing is due. */
export function judgeLoop(
  { lastGoodTickAt, standby }: Pick<Clockwork, 'lastGoodTickAt' | 'standby'>,
  now: Date,
  limitMs: number,
): Health {
  const agoMs = Math.max(0, now.getTime() - lastGoodTickAt.getTime());
  if (agoMs <= limitMs) return { ok: true, sentence: standby ?? 'the scheduler is running' };
  return { ok: false, sentence: `the scheduler has not ticked for ${formatAge(agoMs)}` };
}

/** Fails when something due has not been checked for longer than `limitMs`. */
export function scheduleProbe(clockwork: () => Clockwork, clock: Clock, limitMs: number): Probe {
  return {
    name: 'schedule',
    check: () => {
      const { lastGoodTickAt, nextDueAt } = clockwork();
      const now = clock.now();
      const loop = judgeLoop({ lastGoodTickAt }, now, limitMs);
      if (!loop.ok) throw new Error(loop.sentence);
      const lateMs = nextDueAt ? now.getTime() - nextDueAt.getTime() : 0;
      if (lateMs > limitMs) throw new Error(`the scheduler is ${formatAge(lateMs)} late`);
      return 'on time';
    },
  };
}

async function askAll(
  probes: readonly Probe[],
  timeoutMs: number,
  redact: (text: string) => string,
): Promise<Readiness> {
  const checks = await Promise.all(probes.map((probe) => ask(probe, timeoutMs, redact)));
  return { ready: checks.every(({ ok }) => ok), checks };
}

async function ask(probe: Probe, timeoutMs: number, redact: (text: string) => string) {
  const { name } = probe;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const sentence = await untilAborted(
      Promise.resolve().then(() => probe.check(signal)),
      signal,
    );
    return { name, ok: true, sentence: redact(sentence) };
  } catch (thrown) {
    const late = signal.aborted && thrown === signal.reason;
    const message = thrown instanceof Error && !late ? messageOf(thrown) : `no answer within ${formatAge(timeoutMs)}`;
    return { name, ok: false, sentence: redact(message) };
  }
}

function messageOf(error: Error): string {
  const { code, message } = asDrillError(error);
  return code === 'internal' ? error.message : `${code}: ${message}`;
}
