import { describe, expect, it } from 'vitest';
import { createReadiness, judgeLoop, type Probe, scheduleProbe } from '../../src/daemon/health.ts';
import { DrillError } from '../../src/support/errors.ts';
import { atHour } from '../status/facts.ts';

function clockAt(now: Date) {
  const clock = { ms: 0, now: () => now, monotonicMs: () => clock.ms };
  return clock;
}
const redact = (text: string) => text.replaceAll('hunter2', '***');
const minutesBefore = (at: Date, minutes: number) => new Date(at.getTime() - minutes * 60_000);
const now = atHour(0);

describe('readiness', () => {
  const ask = (...probes: Probe[]) => createReadiness(probes, { clock: clockAt(now), redact, timeoutMs: 20 })();

  it('is given when every check passes', async () => {
    expect(
      await ask({ name: 'store', check: () => 'answers' }, { name: 'engine', check: async () => 'docker' }),
    ).toEqual({
      ready: true,
      checks: [
        { name: 'store', ok: true, sentence: 'answers' },
        { name: 'engine', ok: true, sentence: 'docker' },
      ],
    });
  });

  it('reports what is wrong with each check, without secrets, and whether it ever responded', async () => {
    const failing = (error: unknown) => () => Promise.reject(error);
    const { ready, checks } = await ask(
      { name: 'store', check: failing(new DrillError('store-failed', 'no hunter2 for you')) },
      { name: 'schedule', check: failing(new Error('late')) },
      { name: 'engine', check: () => new Promise<string>(() => undefined) },
      { name: 'well', check: () => 'well' },
    );
    expect(ready).toBe(false);
    expect(checks.map(({ ok, sentence }) => [ok, sentence])).toEqual([
      [false, 'store-failed: no *** for you'],
      [false, 'late'],
      [false, 'no answer within 0 s'],
      [true, 'well'],
    ]);
  });

  it('runs checks once per two seconds, however many clients ask', async () => {
    let asked = 0;
    const check = () => {
      asked += 1;
      return `asked ${asked} times`;
    };
    const clock = clockAt(now);
    const readiness = createReadiness([{ name: 'engine', check }], {
      clock,
      redact,
    });
    const [one, other] = await Promise.all([readiness(), readiness()]);
    expect(one).toBe(other);
    clock.ms = 1999;
    expect((await readiness()).checks[0]?.sentence).toBe('asked 1 times');
    clock.ms = 2000;
    expect((await readiness()).checks[0]?.sentence).toBe('asked 2 times');
  });
});

describe('the scheduler loop', () => {
  it('is healthy until it has not ticked for the limit', () => {
    expect(judgeLoop({ lastGoodTickAt: minutesBefore(now, 2) }, now, 120_000).ok).toBe(true);
    expect(judgeLoop({ lastGoodTickAt: minutesBefore(now, 9) }, now, 120_000)).toEqual({
      ok: false,
      sentence: 'the scheduler has not ticked for 9 min',
    });
    expect(judgeLoop({ lastGoodTickAt: atHour(1) }, now, 120_000).ok).toBe(true); // the clock was set back
  });

  it('is late when due runs have not been checked for the limit', async () => {
    const check = async (nextDueAt: Date | undefined, lastGoodTickAt = now) =>
      scheduleProbe(() => ({ lastGoodTickAt, nextDueAt }), clockAt(now), 60_000).check(AbortSignal.abort());
    expect(await check(undefined)).toBe('on time');
    expect(await check(minutesBefore(now, 1))).toBe('on time');
    await expect(check(minutesBefore(now, 3))).rejects.toThrow('the scheduler is 3 min late');
    await expect(check(undefined, minutesBefore(now, 3))).rejects.toThrow('has not ticked for 3 min');
  });
});
