import { expect, it, vi } from 'vitest';
import type { Drill, IdentitySpec } from '../../src/config/drill-file.ts';
import type { Store } from '../../src/record/store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { storedBackup, useFakeTime } from '../run/fake-drill.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime(); // starts at noon

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST = Date.parse('2026-11-21T12:59:00Z');
const DAYS = 65;

it('reads as the recovery identity every 30 days in nightly runs, and again the next day when that run errored', async () => {
  const identity: IdentitySpec = {
    keys: undefined,
    credentials: undefined,
    use: { when: 'every', everyMs: 30 * DAY_MS },
    source: { type: 'directory', path: '/recovery', written: '/recovery' },
  };
  const fake = drillOf('orders', scheduleOf('0 13 * * *'));
  const drill = { ...fake, backup: { ...fake.backup, identity } };
  const openedOn: string[] = [];
  const store = createMemoryStore();
  for (let day = 0; day < DAYS; day += 1) {
    vi.setSystemTime(FIRST + day * DAY_MS);
    await runAnHour(drill, store, openedOn);
  }
  const runs = (await store.findRuns({ limit: 200 })).toReversed();
  const proofs = runs.filter((run) => run.identity?.name === 'recovery');
  expect(
    proofs.map(({ startedAt, status, verdict }) => [startedAt.toISOString().slice(0, 10), verdict ?? status]),
  ).toEqual([
    ['2026-11-21', 'passed'],
    ['2026-12-21', 'errored'],
    ['2026-12-22', 'passed'],
    ['2027-01-21', 'passed'],
  ]);
  const broken = runs.filter(({ startedAt }) => startedAt.toISOString().startsWith('2026-12-21'));
  expect(broken.map((run) => [run.trigger.attempt, run.identity?.name])).toEqual([
    [1, 'recovery'],
    [2, 'drill'],
  ]);
  expect(runs.filter(({ verdict }) => verdict === 'passed')).toHaveLength(DAYS);
  expect(new Set(openedOn).size).toBe(DAYS);
});

/** Runs a scheduler only for the hour in which the drill is due: the hours in between would just take time. */
async function runAnHour(drill: Drill, store: Store, openedOn: string[]): Promise<void> {
  const made = makeFakeDaemon([drill], {
    on: store,
    listed: () => [storedBackup(new Date(`${today()}T03:00:00Z`))],
    hooks: {
      openSource: () => openedOn.push(today()),
      load: () => {
        // On the day of the second proof, the restore as this identity fails.
        if (today() === '2026-12-21' && made.fake.calls.filter((call) => call === 'load').length === 1)
          throw new DrillError('server-failed', 'the server went away');
      },
    },
  });
  made.start();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  await made.stop();
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
