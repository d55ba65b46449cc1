import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { Store } from '../../../src/record/store.ts';
import type { PostgresAddress } from '../../../src/record/store-address.ts';
import { startLossyProxy } from '../../support/lossy-proxy.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';
import { NOON, passedRun, runningRun } from '../../support/run-records.ts';
import { drillState, jobOf } from '../../support/schedule-records.ts';

let server: TestPostgres;
let address: PostgresAddress;
beforeAll(async () => {
  server = await startTestPostgres();
  address = server.address();
  await (await openPostgresStore(address))[Symbol.asyncDispose]();
});
afterAll(() => server[Symbol.asyncDispose]());

test('a commit whose answer is lost is not repeated, but one that the server never received is', async () => {
  await using proxy = await startLossyProxy(server.directory, 'commits');
  await withStore(
    async (store) => {
      const { id } = runningRun();
      for (const when of ['unanswered', 'unheard'] as const) {
        proxy.loseNext('commit\0', when);
        await store.claim(runningRun({ id: `${id}-${when}` }));
        proxy.loseNext('commit\0', when, 3);
        await store.addLog(`${id}-${when}`, [line(when)]);
        proxy.loseNext('commit\0', when);
        await store.finish(passedRun({ id: `${id}-${when}` }));
        expect(await store.getLog(`${id}-${when}`)).toStrictEqual([line(when)]);
      }
      expect(await store.countRuns()).toMatchObject([{ outcome: 'passed', count: 2 }]);
      expect(proxy.lost).toBeGreaterThanOrEqual(10);
    },
    { host: proxy.host },
  );
});

test('nothing is lost or written twice when connections are closed during each write', async () => {
  await withStore(async (store) => {
    await store.claim(runningRun());
    let ended = 0;
    for (let index = 0; index < 20; index += 1) {
      const [, sessions] = await Promise.all([store.addLog(runningRun().id, [line(String(index))]), endConnections()]);
      ended += sessions.length;
    }
    expect(ended).toBeGreaterThan(0);
    expect((await store.getLog(runningRun().id)).map(({ message }) => message)).toStrictEqual(
      Array.from({ length: 20 }, (_, index) => String(index)),
    );
  });
});

test('a queued run is claimed once when connections are closed during each claim, and its job is removed with it', async () => {
  await withStore(async (store) => {
    let ended = 0;
    for (let index = 0; index < 5; index += 1) {
      const drill = `d${index}`;
      expect(await store.queueRun(jobOf({ drill }), drillState({ drill }), [])).toEqual({ kind: 'queued' });
      const [job] = await store.findJobs('eu');
      const due = { state: drillState({ drill, version: 1 }), skips: [], maxRunning: 99, job };
      const claim = store.claimDue(runningRun({ id: drill, drill }), due);
      const [outcome, sessions] = await Promise.all([claim, endConnections()]);
      expect(outcome).toEqual({ kind: 'claimed' });
      ended += sessions.length;
    }
    expect(ended).toBeGreaterThan(0);
    expect(await store.findRunning()).toHaveLength(5);
    expect(await store.findJobs()).toEqual([]);
  });
});

test('a server that is down is reported, and used again once it is back', async () => {
  await withStore(
    async (store) => {
      await store.claim(runningRun());
      await server.stop('SIGQUIT');
      const lost = {
        code: 'store-failed',
        mayPass: true,
        message: expect.stringContaining('the server does not answer'),
      };
      await expect(store.finish(passedRun())).rejects.toMatchObject(lost);
      await expect(openPostgresStore(address)).rejects.toMatchObject(lost);
      await server.start();
      await store.finish(passedRun());
      expect((await store.getRun(passedRun().id)).verdict).toBe('passed');
    },
    {},
    { waitMs: 200 },
  );
});

test('a store that is locked for longer than the wait is reported', async () => {
  const client = new pg.Client({ host: server.directory, user: 'owner', database: 'postgres' });
  await client.connect();
  await withStore(
    async (store) => {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [0x4644524c, address.schema]);
      await expect(store.claim(runningRun())).rejects.toMatchObject({
        code: 'store-failed',
        mayPass: true,
        message: expect.stringContaining('locked by another process for too long'),
      });
      expect(await store.findRuns({ limit: 1 })).toStrictEqual([]);
      await client.query('rollback');
      await store.claim(runningRun());
    },
    {},
    { waitMs: 100 },
  );
  await client.end();
});

test('reads from a replica work, and the error of a write to it says that it is read-only', async () => {
  await withStore((store) => store.claim(runningRun()));
  await using replica = await server.startReplica();
  const there = { ...address, host: replica.host };
  await using store = await openPostgresStore(there);
  expect((await store.getRun(runningRun().id)).status).toBe('running');
  const readOnly = { code: 'store-failed', message: expect.stringContaining('the server is read-only') };
  await expect(store.finish(passedRun())).rejects.toMatchObject(readOnly);
  await expect(store.check()).rejects.toMatchObject(readOnly);
  await expect(openPostgresStore({ ...there, schema: 'other' })).rejects.toMatchObject(readOnly);
});

describe.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
  'the disk of the server fills up (needs root, to mount a file system)',
  () => {
    test('a write that finds no room is reported, leaves nothing behind, and succeeds once there is room', async () => {
      using disk = mountSmallDisk('tables', 8);
      await server.query(`create tablespace small location '${disk.path}'`);
      await server.query('alter role owner set default_tablespace = small');
      const small = server.address();
      {
        await using store = await openPostgresStore(small);
        await store.claim(runningRun());
        disk.fill();
        const full = { code: 'disk-full', mayPass: true, hint: expect.stringContaining('the database server') };
        await expect(store.addLog(runningRun().id, manyLines(2000))).rejects.toMatchObject(full);
        expect(await store.getLog(runningRun().id)).toEqual([]);
        disk.free();
        await store.addLog(runningRun().id, manyLines(2000));
        await store.finish(passedRun());
        expect(await store.getLog(runningRun().id)).toHaveLength(2000);
        expect((await store.getRun(runningRun().id)).verdict).toBe('passed');
      }
      await server.query('alter role owner reset default_tablespace');
      await server.query(`drop schema ${small.schema} cascade`);
      await server.query('drop tablespace small');
    });

    test('no run is lost when the server stops because its log has no room', async () => {
      await withStore(
        async (store) => {
          await store.claim(runningRun());
          await server.stop();
          using disk = mountSmallDisk('log', 40);
          const log = join(server.dataDirectory, 'pg_wal');
          execFileSync('cp', ['-a', `${log}/.`, disk.path]);
          renameSync(log, `${log}.before`);
          symlinkSync(disk.path, log);
          await server.start();
          disk.fill();
          await expect(store.addLog(runningRun().id, manyLines(40_000))).rejects.toMatchObject({ mayPass: true });
          await server.stop('SIGQUIT'); // in case it did not stop by itself
          disk.free();
          await server.start();
          expect(await store.getLog(runningRun().id)).toEqual([]);
          await store.finish(passedRun());
          expect((await store.getRun(runningRun().id)).verdict).toBe('passed');
          await server.stop();
          rmSync(log);
          rmSync(`${log}.before`, { recursive: true });
          mkdirSync(log);
          execFileSync('cp', ['-a', `${disk.path}/.`, log]);
          await server.start();
        },
        {},
        { waitMs: 200 },
      );
    });
  },
);

/** A file system of so many megabytes of the server's user, within its directory. */
function mountSmallDisk(name: string, megabytes: number) {
  const path = join(server.directory, name);
  const file = join(path, 'something-else');
  mkdirSync(path);
  const options = `size=${megabytes}m,mode=700,uid=65534,gid=65534`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  return {
    path,
    /** Takes all the room that is left. */
    fill() {
      const chunk = Buffer.alloc(4096);
      try {
        for (;;) writeFileSync(file, chunk, { flag: 'a' });
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
      }
    },
    free() {
      rmSync(file);
      execFileSync('mount', ['-o', `remount,size=${2 * megabytes}m`, path]); // a recovery needs more than was used
    },
    [Symbol.dispose]: () => void execFileSync('umount', ['--lazy', path]),
  };
}

/** Of a kilobyte each. */
function manyLines(count: number) {
  return Array.from({ length: count }, (_, index) => line(`${index} `.repeat(200)));
}

async function withStore(
  work: (store: Store) => Promise<unknown>,
  changes: Partial<PostgresAddress> = {},
  options = {},
): Promise<void> {
  await server.empty(address.schema);
  await using store = await openPostgresStore({ ...address, ...changes }, options);
  await work(store);
}

function endConnections() {
  return server.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'firedrill' and pid <> pg_backend_pid()",
  );
}

function line(message: string) {
  return { at: NOON, level: 'info', message } as const;
}
