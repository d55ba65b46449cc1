import { expect, it } from 'vitest';
import { openPostgresStore } from '../../src/record/postgres/postgres-store.ts';
import type { Store } from '../../src/record/store.ts';
import { startTestPostgres } from '../support/postgres-server.ts';
import { drillOf, makeFakeDaemon } from './fake-daemon.ts';
import { makeFakeRunner } from './fake-runner.ts';

/** Calls `then` after each successful call of a method. */
function after<Key extends 'saveLive' | 'finish'>(store: Store, key: Key, then: () => void): Pick<Store, Key> {
  const method = store[key] as (...args: unknown[]) => Promise<void>;
  const called = async (...args: unknown[]) => {
    await method(...args);
    then();
  };
  return { [key]: called } as unknown as Pick<Store, Key>;
}

it('a manual run goes to a runner on PostgreSQL, where a user of the scheduler’s pages follows and cancels it', async () => {
  await using server = await startTestPostgres();
  const address = server.address();
  await using store = await openPostgresStore(address);
  await using runnerStore = await openPostgresStore(address);
  const drills = [drillOf('orders', undefined, { pool: 'eu' })];
  const held = Promise.withResolvers<void>();
  const loading = Promise.withResolvers<void>();
  const shown = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  const scheduler = makeFakeDaemon(drills, { on: store, onChange: ({ kind }) => kind === 'drills' && ready.resolve() });
  const watched = { ...runnerStore, ...after(runnerStore, 'finish', ended.resolve) };
  const runner = makeFakeRunner(
    { ...watched, ...after(runnerStore, 'saveLive', () => void loading.promise.then(shown.resolve)) },
    drills,
    {
      hooks: {
        load: () => {
          loading.resolve();
          return held.promise;
        },
      },
    },
  );
  scheduler.start();
  runner.start();
  await ready.promise;
  const { control } = scheduler.daemon;
  expect(control.runNow('orders', 'alice, web')).toBe('queued');
  await shown.promise;
  await control.refreshRunning();
  const [run] = scheduler.daemon.control.running;
  expect(run).toMatchObject({ drill: 'orders', triggeredBy: 'by hand (alice, web)' });
  const { runId = '' } = run ?? {};
  expect(await control.stop(runId, 'bob (web)')).toBe('accepted');
  await ended.promise;
  expect(await store.getRun(runId)).toMatchObject({ status: 'interrupted', canceledBy: 'bob (web)' });
  expect(await store.findLive(new Date())).toEqual([]);
  held.resolve();
  await scheduler.stop();
  await runner.stop();
});
