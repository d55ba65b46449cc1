import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { openS3Source } from '../../../src/backup/drivers/s3/s3-source.ts';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { openLogArchive } from '../../../src/backup/reading/open-log-archive.ts';
import { parseRecoverTo, targetOf } from '../../../src/config/recovery-target.ts';
import type { Replayed } from '../../../src/engines/engine.ts';
import type { LogArchive, Recovery, RecoveryTarget } from '../../../src/engines/format.ts';
import { chooseInstant } from '../../../src/engines/postgres/log/choose-instant.ts';
import { linkSegments } from '../../../src/engines/postgres/log/dump-log.ts';
import { StopEstimate, type UnplacedTarget } from '../../../src/engines/postgres/log/estimate-stop.ts';
import { formatLsn, parseLsn } from '../../../src/engines/postgres/log/log-line.ts';
import { planSearch } from '../../../src/engines/postgres/log/search-events.ts';
import { findTools } from '../../../src/engines/postgres/server/installed-tools.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { type Fault, startFaultProxy } from '../../support/fault-proxy.ts';
import { isFullMatrix } from '../../support/full-matrix.ts';
import { s3Spec, startObjectStore } from '../../support/object-store.ts';
import { flipBytes } from './physical/flip-bytes.ts';
import { startPrimary } from './physical/primary.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  type Restored,
  restoreInto,
  startSandbox,
  startSource,
} from './restoring.ts';

const MAJOR = '17';
const NOW = 'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')';

/** A server's history: a backup, orders, and a dropped database. Positions are recorded along the way. */
/**
 * CI leaves TRUNCATE to the test that searches the same log: once an event is located, recovery to just before it works
 * the same for all of them.
 */
const LOSSES = [
  [
    'mass-delete',
    'sales.lines',
    /DELETE of 2,100 rows of sales\.lines.* in shop, .* the first of 2 transactions/,
    [3000n, 70n],
  ],
  ['truncate', 'shop.sales.notes', /TRUNCATE sales\.notes/, [900n, 70n]],
  ['drop-table', undefined, /DROP TABLE sales\.lines in shop/, [900n, 0n]],
] as const;

describe.skipIf(!inject('dockerAnswers'))('a log archive next to a Postgres base backup', () => {
  const boxes = shareSandboxes((major: string) => startSandbox('docker', major));
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  let sandbox: Sandbox;
  let halfway = '';
  let beforeDrop = '';
  /** Positions of a restore point and of a transaction, and that transaction's id. */
  const known = { halfwayAt: '', point: '', xid: '', xidAt: '' };
  /** The replay information reported so far, for a recovery that fails. */
  let soFar: Replayed | undefined;
  const at = (...names: readonly string[]): string => join(directory.path, ...names);
  const archiveIn = (name: string): Promise<LogArchive> =>
    openLogArchive(openDirectorySource(at(name)), NO_KEYS, never);

  const recover = async (
    box: Sandbox,
    target: RecoveryTarget,
    log: LogArchive,
    database: string | undefined = 'shop',
  ): Promise<Restored> => {
    const recovery: Recovery = { target, log };
    soFar = undefined;
    return restoreInto(box, await openBackup(directory.path, 'backup/'), {
      ...(database === '' ? {} : { database }),
      recovery,
      onReplaying: (one) => {
        soFar = one;
      },
    });
  };
  const failure = async (target: RecoveryTarget, log: LogArchive): Promise<string> => {
    const box = await boxes.take(MAJOR);
    const error = await recover(box, target, log).catch((thrown: unknown) => thrown);
    const { code, message } = error as { code?: string; message?: string };
    return `${code}: ${message}`;
  };

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    sandbox = await startSource(MAJOR);
    const primary = await startPrimary(sandbox, MAJOR, 16);
    await primary.sql('postgres', 'create database shop', 'create database crm');
    await primary.sql('shop', 'create table orders (id int primary key)');
    await primary.backup(at('backup'), '-Ft', '-z', '-X', 'none');
    await primary.sql('shop', 'insert into orders select generate_series(1, 1000)');
    halfway = await primary.sql(
      'shop',
      'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')',
    );
    known.halfwayAt = await primary.sql('shop', 'select pg_current_wal_insert_lsn()');
    await primary.sql('shop', 'select pg_switch_wal()', 'insert into orders select generate_series(1001, 2000)');
    known.point = await primary.sql('shop', "select pg_create_restore_point('before_release')");
    await primary.sql('shop', 'select pg_switch_wal()', 'insert into orders values (2001)');
    known.xid = await primary.sql('shop', 'select pg_current_xact_id()');
    known.xidAt = await primary.sql('shop', 'select pg_current_wal_insert_lsn()');
    await primary.sql(
      'shop',
      'create table prices as select n from generate_series(1, 500) n',
      'create table visits as select n from generate_series(1, 20000) n',
      'analyze prices, visits',
      'delete from visits where n <= 1500', // a purge
      ...[50, 100, 150, 200].map((rows) => `delete from prices where n <= ${rows}`),
      'create schema sales',
      'create table sales.lines as select n from generate_series(1, 3000) n',
      'create table sales.notes as select n from generate_series(1, 70) n',
      'vacuum full sales.notes',
      'create temp table t as select 1',
      'delete from sales.lines where n <= 900',
      'delete from sales.lines where n <= 2100',
      'truncate sales.notes',
      'vacuum full pg_class', // later changes are in another file of the catalog
      'alter table sales.lines add column note text default random()::text',
      'begin; drop table sales.lines; rollback',
      'drop table sales.lines',
    );
    await primary.sql('crm', 'create table people as select n from generate_series(1, 3003) n');
    await primary.sql('postgres', 'vacuum full pg_database');
    beforeDrop = await primary.sql('postgres', NOW);
    await primary.sql('postgres', 'drop database crm');
    await primary.sql('shop', 'select pg_switch_wal()', 'insert into orders values (2002)', 'select pg_switch_wal()');
    await primary.archived();
    await primary.copyArchive(at('wal'));
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await sandbox?.dispose();
    await directory[Symbol.asyncDispose]();
  });

  it('is replayed to an instant: up to the last transaction before it, without the first one after it', async () => {
    const box = await boxes.take(MAJOR);
    const startedAt = new Date(new Date(halfway).getTime() + 10 * 60_000);
    const to = parseRecoverTo('10m before start');
    if (typeof to === 'string') throw new Error(to);
    const target = targetOf({ to }, true, { id: 'run', startedAt });
    await using restored = await recover(box, target, await archiveIn('wal'));
    expect((await restored.ask('select count(*) from orders')).rows).toEqual([[1000n]]);
    expect(restored.outcome.replayed?.summary).toMatch(/before commit of transaction/);
    const { lastCommit, firstLost } = restored.outcome.replayed ?? {};
    expect(lastCommit?.at.getTime()).toBeLessThanOrEqual(new Date(halfway).getTime());
    expect(firstLost?.at.getTime()).toBeGreaterThanOrEqual(new Date(halfway).getTime());
    expect(Number(firstLost?.transaction) - Number(lastCommit?.transaction)).toBe(1);
  });

  it('restores a dropped database by position, while by time its files are gone', async () => {
    {
      const box = await boxes.take(MAJOR);
      const target = { kind: 'before', event: 'drop-database', object: 'crm' } as const;
      await using restored = await recover(box, target, await archiveIn('wal'), '');
      expect(restored.outcome).toMatchObject({ database: 'crm', errorCount: 0 });
      expect(restored.outcome.warnings[0]).toMatch(
        /^found DROP DATABASE crm, transaction \d+, committed .* UTC, at 0\/\w+; recovery stopped before 0\/\w+; 1 other transaction committed since/,
      );
      expect((await restored.ask('select count(*) from people')).rows).toEqual([[3003n]]);
    }
    const log = await archiveIn('wal');
    expect(await failure({ kind: 'before', event: 'drop-database', object: 'shop' }, log)).toMatch(
      /^target-not-reached: the log since the backup holds no DROP DATABASE of shop/,
    );
    const box = await boxes.take(MAJOR);
    await using byTime = await recover(box, { kind: 'time', at: new Date(beforeDrop) }, log, 'postgres');
    expect(byTime.outcome.errors).toEqual([expect.stringMatching(/while the database crm was being dropped/)]);
  });

  it.each(isFullMatrix ? LOSSES : LOSSES.filter(([event]) => event !== 'truncate'))(
    'restores what was lost by %s, found in the log',
    async (event, object, found, counts) => {
      const box = await boxes.take(MAJOR);
      await using restored = await recover(box, { kind: 'before', event, object }, await archiveIn('wal'));
      expect(restored.outcome.warnings[0]).toMatch(found);
      const sql = 'select (select count(*) from sales.lines), (select count(*) from sales.notes)';
      expect((await restored.ask(sql)).rows).toEqual([counts]);
    },
  );

  it('shows where a replay will stop, but never from a segment that is still being written', async () => {
    const segmentBytes = 16 * 2 ** 20;
    const { files } = await archiveIn('wal');
    const segments = files
      .filter(({ key }) => /^[0-9A-F]{24}$/.test(key))
      .map((file) => ({ name: file.key, file, timeline: 1, number: Number.parseInt(file.key.slice(-8), 16) }))
      .sort((a, b) => a.number - b.number);
    const newest = segments.at(-1);
    const placeOf = (lsn: string) => Math.floor(parseLsn(lsn) / segmentBytes);
    const late = segments.find(({ number }) => number === placeOf(known.xidAt));
    if (!newest || !late) throw new Error('a log of several segments');
    const log = `${sandbox.paths.scratch}/estimate`;
    const put = async function* (names: readonly string[], suffix = '', bytes = segmentBytes) {
      for (const name of names) {
        const content = suffix === '' ? readFileSync(at('wal', name)).subarray(0, bytes) : Buffer.from('\n');
        yield { name: `${name}${suffix}`, sizeBytes: content.length, content: Readable.from([content]) };
      }
    };
    const [names, others] = [segments, segments.filter((one) => one !== late)].map((of) => of.map(({ name }) => name));
    if (!names || !others) throw new Error('two lists');
    await sandbox.writeFiles(log, put(others), never);
    await sandbox.writeFiles(log, put(others, '.ok'), never);
    await sandbox.writeFiles(log, put([late.name], '', 2 ** 20), never);
    const tools = await findTools(sandbox, never);
    const parts = {
      sandbox,
      binDir: tools.server.dir,
      directory: log,
      segmentBytes,
      plan: { histories: [], segments, newest },
    };
    const estimate = (target: UnplacedTarget) => new StopEstimate(target, parts);
    const byXid = estimate({ xid: known.xid });
    await byXid.look(never);
    expect(byXid.lsn).toBeUndefined();
    const linked = await linkSegments(sandbox, log, names, 1, never);
    expect((await sandbox.exec(['ls', linked], { signal: never })).stdout).not.toContain(late.name);
    await sandbox.writeFiles(log, put([late.name]), never);
    await sandbox.writeFiles(log, put([late.name], '.ok'), never);
    const [byTime, byName] = [estimate({ at: new Date(halfway) }), estimate({ name: 'before_release' })];
    for (const one of [byXid, byTime, byName]) await one.look(never);
    expect(Math.abs(parseLsn(known.point) - (byName.lsn ?? 0))).toBeLessThan(256);
    for (const [{ lsn = 0 }, real] of [
      [byXid, known.xidAt],
      [byTime, known.halfwayAt],
    ] as const)
      expect(Math.abs(lsn - parseLsn(real))).toBeLessThan(segmentBytes);
    const [startLsn, endLsn] = [segments[0]?.number ?? 0, newest.number + 1].map((number) =>
      formatLsn(number * segmentBytes),
    );
    const range = { startLsn: startLsn ?? '', endLsn: endLsn ?? '', timeline: 1, segmentBytes, description: '/wal' };
    const part = { sandbox, binDir: tools.server.dir, directory: linked, ...range };
    const draw = (share: number) => chooseInstant(part, { notBefore: new Date(0), share }, never);
    const [first, last] = [await draw(0), await draw(1)];
    expect(first.getTime()).toBeLessThan(new Date(halfway).getTime());
    expect(last.getTime()).toBeGreaterThan(new Date(beforeDrop).getTime());
  });

  it('is searched without restoring anything, using names found in the log', async () => {
    const box = await boxes.take(MAJOR);
    const search = async (name: string) => {
      const log = await openLogArchive(openDirectorySource(at(name)), NO_KEYS, never);
      const plan = await planSearch(log, new Date(0), never);
      const quiet = { minRows: undefined, onFetched: () => undefined, onSearching: () => undefined };
      return plan.run(async () => box, { ...quiet, signal: never });
    };
    const { events, notSearched } = await search('wal');
    expect(notSearched).toEqual([]);
    expect(events.map(({ kind, objects, database }) => [kind, objects[0]?.name ?? database.name])).toEqual([
      ['mass-delete', 'public.prices'],
      ['mass-delete', 'sales.lines'],
      ['truncate', 'sales.notes'],
      ['drop-table', 'sales.lines'],
      ['drop-database', 'crm'],
    ]);
    expect(events[0]).toMatchObject({ transactions: 4, objects: [{ rows: 200, tableRows: 500 }] });
  });

  it('fails recovery when it has a gap or a flipped bit or its store fails, even though the server would start', async () => {
    const { files } = await archiveIn('wal');
    const segments = files
      .map(({ key }) => key)
      .filter((key) => key.length === 24)
      .sort();
    const [middle = '', last = ''] = segments.slice(-2);
    cpSync(at('wal'), at('hole'), { recursive: true });
    rmSync(at('hole', middle));
    expect(await failure({ kind: 'latest' }, await archiveIn('hole'))).toMatch(
      new RegExp(`^log-incomplete: .* lacks the segment ${middle}, and goes on to ${last}`),
    );
    expect(soFar).toMatchObject({
      summary: 'the end of the log archive, which was not reached',
      ...{ recoverableUntil: expect.any(Date), logEndsWith: last, logStoredAt: expect.any(Date) },
    });
    cpSync(at('wal'), at('flipped'), { recursive: true });
    flipBytes(at('flipped', last), 220);
    expect(
      await failure({ kind: 'before', event: 'drop-table', object: 'sales.lines' }, await archiveIn('flipped')),
    ).toMatch(new RegExp(`^log-damaged: the log in .* cannot be read beyond 0/\\w+, in ${last}`));
    expect(await failure({ kind: 'latest' }, await archiveIn('flipped'))).toMatch(
      /^log-damaged: the log in .* cannot be read beyond/,
    );
    const whole = await archiveIn('wal');
    const failing: LogArchive = {
      ...whole,
      stream: async (file, signal) => {
        if (file.key === last) throw new Error('the store hung up');
        return Readable.from([await whole.read(file, signal)]);
      },
    };
    expect(await failure({ kind: 'latest' }, failing)).toMatch(/^internal: .*the store hung up/);
  });

  it('is replayed to its end despite errors and a truncated response from its store, but an outage is never taken for the end', async () => {
    await using store = await startObjectStore();
    await store.createBucket('acme');
    const names = readdirSync(at('wal')).sort();
    for (const name of names) await store.put('acme', `${name}.gz`, gzipSync(readFileSync(at('wal', name))));
    await using proxy = await startFaultProxy(store.endpoint);
    const deps = {
      clock: systemClock,
      delay: async () => undefined,
      random: () => 0.5,
      stallMs: 5000,
      answerMs: 5000,
      idleMs: 4000,
    };
    const archived = async () =>
      openLogArchive(await openS3Source(s3Spec(store, 'acme', { endpoint: proxy.endpoint }), deps), NO_KEYS, never);
    const [middle = '', last = ''] = names.filter((name) => name.length === 24).slice(-2);
    const unavailable: Fault = { kind: 'answer', status: 503, code: 'SlowDown' };
    const faults = new Map<string, Fault[]>([
      [middle, [unavailable, unavailable, { kind: 'cut', afterBytes: 10_000 }]],
      [last, [{ kind: 'truncate', afterBytes: 100 }, unavailable]],
    ]);
    const log = await archived();
    proxy.decide = ({ url }) => faults.get(/[0-9A-F]{24}/.exec(url)?.[0] ?? '')?.shift();
    {
      const box = await boxes.take(MAJOR);
      await using restored = await recover(box, { kind: 'latest' }, log);
      expect((await restored.ask('select count(*) from orders')).rows).toEqual([[2002n]]);
      const replayed = { isWholeLog: true, recoverableUntil: expect.any(Date), logEndsWith: last };
      expect(restored.outcome.replayed).toMatchObject({ ...replayed, logStoredAt: expect.any(Date) });
    }
    expect([...faults.values()]).toEqual([[], []]);
    proxy.decide = () => undefined;
    const lost = await archived();
    proxy.decide = ({ url }) => (url.includes(last) ? unavailable : undefined);
    const outage = await failure({ kind: 'latest' }, lost);
    expect(outage).toMatch(new RegExp(`^source-failed: .*${last}`));
  });
});
