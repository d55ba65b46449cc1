import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit } from '../../src/daemon/admission.ts';
import { type Decision, HOUR_MS, type Job, type Machine, MINUTE_MS, START, simulate } from './simulated-machine.ts';

const GB = 1e9;
/** After this wait, a run without a tier goes before any new one. */
const LONGEST_CLIMB_MS = 11 * HOUR_MS;
const LONGEST_RUN_MS = 90 * MINUTE_MS;
const machine: Machine = { memoryBytes: 8 * GB, cpus: 4, sandboxes: 3, diskBytes: 100 * GB };

const jobs = fc
  .array(
    fc.record({
      tier: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
      comesAfterMs: fc.integer({ min: 0, max: 12 * 60 }).map((minutes) => minutes * MINUTE_MS),
      lateMs: fc.integer({ min: 0, max: 300 }).map((minutes) => minutes * MINUTE_MS),
      memoryBytes: fc.integer({ min: 1, max: 10 }).map((gb) => gb * GB),
      cpus: fc.constantFrom(0.5, 1, 1.3, 2, 4, 6),
      diskBytes: fc.option(
        fc.integer({ min: 0, max: 95 }).map((gb) => gb * GB),
        { nil: undefined },
      ),
      durationMs: fc.integer({ min: 1, max: LONGEST_RUN_MS / MINUTE_MS }).map((minutes) => minutes * MINUTE_MS),
      byHand: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drawn) =>
    drawn.map(({ comesAfterMs, lateMs, ...rest }, index): Job => {
      const waitingSince = new Date(START.getTime() + comesAfterMs);
      return {
        ...rest,
        drill: `drill-${index}`,
        runtime: 'docker',
        waitingSince,
        dueAt: new Date(waitingSince.getTime() - lateMs),
      };
    }),
  );

function simulateAll(drawn: readonly Job[]) {
  const boundMs = LONGEST_CLIMB_MS + (drawn.length + 1) * LONGEST_RUN_MS;
  const until = new Date(START.getTime() + 12 * HOUR_MS + boundMs);
  return { boundMs, ...simulate(drawn, machine, until) };
}

function check(hold: (decision: Decision) => void): void {
  fc.assert(
    fc.property(jobs, (drawn) => {
      for (const decision of simulateAll(drawn).decisions) hold(decision);
    }),
    { numRuns: 60 },
  );
}

describe('under any load', () => {
  it('every run starts eventually, within the limit of its tier and those before it', () => {
    fc.assert(
      fc.property(jobs, (drawn) => {
        const { startedAt, boundMs } = simulateAll(drawn);
        for (const job of drawn) {
          const waitedMs = (startedAt.get(job)?.getTime() ?? Infinity) - job.waitingSince.getTime();
          expect(waitedMs).toBeLessThanOrEqual(boundMs);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('runs are never promised more than the machine has, unless one runs alone', () => {
    check(({ running, admissions, freeDiskBytes }) => {
      const started = admissions.filter(({ kind }) => kind === 'start').map(({ run }) => run);
      if (started.length === 0) return;
      const all = [...running, ...started];
      expect(all.length).toBeLessThanOrEqual(machine.sandboxes);
      if (all.length > 1) {
        expect(total(all, 'memoryBytes')).toBeLessThanOrEqual(machine.memoryBytes);
        expect(total(all, 'cpus')).toBeLessThanOrEqual(machine.cpus + 1e-6);
      }
      if (total(started, 'diskBytes') === 0) return;
      const used = running.reduce((sum, { diskUsedBytes = 0 }) => sum + diskUsedBytes, 0);
      expect(total(all, 'diskBytes') - used).toBeLessThan(freeDiskBytes);
    });
  });

  it('nothing overtakes a run that has waited a quarter of an hour', () => {
    check(({ admissions, now }) => {
      const firstHeld = admissions.findIndex(
        ({ kind, run }) => kind === 'hold' && now.getTime() - run.waitingSince.getTime() >= 15 * MINUTE_MS,
      );
      const after = firstHeld === -1 ? [] : admissions.slice(firstHeld + 1);
      expect(after.filter(({ kind }) => kind === 'start')).toEqual([]);
    });
  });

  it('decisions do not depend on the order of runs', () => {
    fc.assert(
      fc.property(jobs, jobs, fc.nat(), (waiting, running, turn) => {
        const now = new Date(START.getTime() + 6 * HOUR_MS);
        const rest = { running: running.slice(0, 2), capacity: {}, limits: { sandboxes: 4, memoryBytes: 8 * GB }, now };
        const at = turn % waiting.length;
        const turned = [...waiting.slice(at), ...waiting.slice(0, at)];
        expect(admit({ waiting: turned, ...rest })).toEqual(admit({ waiting, ...rest }));
      }),
    );
  });
});

describe('a large run in an endless stream of small ones', () => {
  const small = (index: number, tier: number): Job => {
    const at = new Date(START.getTime() + index * 5 * MINUTE_MS);
    const rest = { cpus: 1, diskBytes: undefined, runtime: 'docker', byHand: false } as const;
    return {
      drill: `small-${index}`,
      tier,
      dueAt: at,
      waitingSince: at,
      memoryBytes: 3 * GB,
      durationMs: 12 * MINUTE_MS,
      ...rest,
    };
  };
  const large = (tier: number | undefined): Job => ({ ...small(1, 0), drill: 'large', tier, memoryBytes: 8 * GB });
  const stream = Array.from({ length: 16 * 12 }, (_, index) => small(index, 1));

  it.each([
    [1, 15 + 12],
    [3, 3 * 60 + 12],
    [undefined, 10 * 60 + 12],
  ])('of tier %s starts within %i min', (tier, minutes) => {
    const job = large(tier);
    const { startedAt } = simulate([...stream, job], machine, new Date(START.getTime() + 16 * HOUR_MS));
    const waitedMs = (startedAt.get(job)?.getTime() ?? Infinity) - job.waitingSince.getTime();
    expect(waitedMs / MINUTE_MS).toBeLessThanOrEqual(minutes);
    expect(waitedMs / MINUTE_MS).toBeGreaterThan(15); // the stream does delay it
  });
});

function total(
  runs: readonly { memoryBytes: number; cpus: number; diskBytes: number | undefined }[],
  of: 'memoryBytes' | 'cpus' | 'diskBytes',
) {
  return runs.reduce((sum, run) => sum + (run[of] ?? 0), 0);
}
