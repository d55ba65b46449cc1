import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkSchema } from '../../../src/config/check-schema.ts';
import type { CheckRecord } from '../../../src/record/check-record.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { runChecks } from '../../../src/verify/run-checks.ts';
import { openSessionPool } from '../../../src/verify/session-pool.ts';
import { flipBytes } from '../../engines/postgres/physical/flip-bytes.ts';
import { type Primary, startPrimary } from '../../engines/postgres/physical/primary.ts';
import {
  makeWorkDirectory,
  never,
  openBackup,
  restoreInto,
  startSandbox,
  startSource,
} from '../../engines/postgres/restoring.ts';
import { shareSandboxes } from '../../support/clear-sandbox.ts';
import { fakeNeighbours } from '../fake-hasher.ts';
import { fakeSnapshots } from '../fake-pool.ts';

const MAJOR = '17';
const PAGE = 8192;

/** The backups have no manifests, so that only the checks can detect the damage. */
describe.skipIf(!inject('dockerAnswers'))('integrity of a physical backup', () => {
  const boxes = shareSandboxes((major: string) => startSandbox('docker', major));
  let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
  let sandbox: Sandbox;
  let files: Record<'orders' | 'orders_pkey' | 'notes', string>;
  const at = (...names: readonly string[]): string => join(directory.path, ...names);

  beforeAll(async () => {
    directory = await makeWorkDirectory();
    sandbox = await startSource(MAJOR);
    const primary = await startPrimary(sandbox, MAJOR);
    await fill(primary);
    files = JSON.parse(await primary.sql('shop', PATHS)) as typeof files;
    await primary.backup(at('with'), '-Fp', '-X', 'stream', '--no-manifest');
    await primary.dropChecksums();
    await primary.backup(at('without'), '-Fp', '-X', 'stream', '--no-manifest');
  });

  afterAll(async () => {
    await boxes[Symbol.asyncDispose]();
    await sandbox?.dispose();
    await directory[Symbol.asyncDispose]();
  });

  it('passes for an intact backup, and says how long each part took', async () => {
    const [all] = await check('with', [{ integrity: 'all' }]);
    expect(all).toMatchObject({
      passed: true,
      actual: expect.stringMatching(/, \d+ tables and \d+ indexes verified, [\d,]+ page checksums compared$/),
      details: [
        expect.stringMatching(/^amcheck of \d+ tables and \d+ indexes took /),
        expect.stringMatching(/^comparing [\d,]+ page checksums took .*, with a restart of the server$/),
      ],
    });
  });

  it('fails on a changed value in a page with a checksum, even if no index contains the value', async () => {
    await using damaged = copyOf('with');
    flipBytes(at(damaged.name, files.notes), 3 * PAGE - 20);
    const records = await check(damaged.name, [{ integrity: ['checksums'] }, { sql: 'select 1', expect: 1 }]);
    expect(records[0]).toMatchObject({
      passed: false,
      actual: `page 2 of ${files.notes} (public.notes) has a wrong checksum`,
    });
    expect(records[1]).toMatchObject({ passed: true });
  });

  it('fails on damaged pages without checksums if amcheck detects the damage', async () => {
    await using damaged = copyOf('without');
    flipBytes(at(damaged.name, files.orders_pkey), 2 * PAGE + 40);
    flipBytes(at(damaged.name, files.notes), PAGE + 28);
    const [listed, all] = await check(damaged.name, [{ integrity: ['amcheck'] }, { integrity: 'all' }]);
    const damage =
      /^the table public\.notes: block 1, row \d+: line pointer .*; the index orders_pkey of public\.orders: damaged data: /;
    expect(listed).toMatchObject({ passed: false, actual: expect.stringMatching(damage) });
    expect(all).toMatchObject({
      passed: false,
      actual: expect.stringMatching(damage),
      details: [expect.stringMatching(/^amcheck /), 'not checked by page checksums: the backed-up server keeps none'],
    });
  });

  function copyOf(name: string): { name: string } & AsyncDisposable {
    const copy = `${name}-damaged`;
    cpSync(at(name), at(copy), { recursive: true });
    return { name: copy, [Symbol.asyncDispose]: async () => rmSync(at(copy), { recursive: true, force: true }) };
  }

  async function check(match: string, checks: readonly Record<string, unknown>[]): Promise<readonly CheckRecord[]> {
    const box = await boxes.take(MAJOR);
    await using restored = await restoreInto(box, await openBackup(directory.path, `${match}/`), { database: 'shop' });
    await using pool = openSessionPool(restored.server, { defaultDatabase: 'shop', cpus: 2, signal: never });
    const specs = checks.flatMap((file, index) => {
      const read = { textOf: () => undefined, report: (_path: unknown, message: string) => expect.fail(message) };
      return checkSchema.parse({ name: `check ${index}`, ...file }).resolve(read) ?? [];
    });
    return await runChecks(pool, specs, {
      place: { file: 'drills/shop.yaml', checkLines: [] },
      takenAt: new Date(),
      restore: { isPhysical: true, lastCommitAt: undefined },
      neighbours: fakeNeighbours(),
      rpoMs: undefined,
      clock: systemClock,
      signal: never,
      findPast: async () => [],
      snapshots: fakeSnapshots(),
    });
  }
});

const PATHS = `select json_object_agg(relname, pg_relation_filepath(oid)) from pg_class where relname in ('orders', 'orders_pkey', 'notes')`;

async function fill(primary: Primary): Promise<void> {
  await primary.sql('postgres', 'create database shop');
  await primary.sql(
    'shop',
    'create table orders (id int primary key, at timestamptz default now())',
    'insert into orders select generate_series(1, 3000)',
    'create table notes (text text)',
    "insert into notes select repeat('x', 500) from generate_series(1, 200)",
    'vacuum freeze',
    'checkpoint',
  );
}
