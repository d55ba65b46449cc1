import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Drilled, type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';
import { canDumpArchives, dumpArchive } from '../support/dump-archive.ts';

const RESTORE_FAILED = ['locate ok', 'plan ok', 'image-pull skipped', 'provision ok', 'restore failed', 'teardown ok'];
const CUT_SHORT =
  'The dump or its upload was cut short: look at the job that writes it, and at the free space where it ran.';

let workspace: DrillWorkspace;
beforeEach(async () => {
  workspace = await makeDrillWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

async function drillOn(name: string, content: string | Buffer, changes = {}): Promise<Drilled> {
  await workspace.write(`backups/${name}`, content);
  await workspace.writeDrill(changes);
  return workspace.drill();
}

// For cuts in other places, see test/engines/postgres/postgres.integration.test.ts.
it('a plain dump that is cut between two rows fails the drill although it loads without an error', async () => {
  const whole = plainDump();
  const { code, run, timeline, stdout } = await drillOn('orders.sql', whole.slice(0, whole.indexOf('3\tEdsger')));
  expect(code).toBe(1);
  expect(run.error).toMatchObject({
    code: 'backup-truncated',
    stage: 'restore',
    message: expect.stringMatching(
      /^orders\.sql ends in the middle of COPY data, which began at line 21 \(after line 2\d, 4\d\d B of SQL\)$/,
    ),
    hint: CUT_SHORT,
  });
  expect(run).toMatchObject({ status: 'completed', verdict: 'failed', checks: [], sandbox: { removed: true } });
  expect(run.reasons).toEqual([{ reason: 'unrestorable', sentence: run.error?.message, hint: CUT_SHORT }]);
  expect(run.recoveryTimeMs).toBeUndefined();
  expect(timeline).toEqual(RESTORE_FAILED);
  expect(stdout).toContain(`FAILED orders: ${run.error?.message}\n  HINT (unrestorable): ${CUT_SHORT}\n`);
});

/** That an intact one passes is tested with a recipe in test/recipes. */
describe.skipIf(!canDumpArchives)('a damaged pg_dump archive', () => {
  let archive: Buffer;
  beforeAll(async () => {
    archive = await dumpArchive(
      'CREATE TABLE customer AS SELECT id, md5(id::text) AS name FROM generate_series(1, 20000) id; ALTER TABLE customer ADD PRIMARY KEY (id)',
    );
  });

  it.each([
    ['is cut in its data', () => archive.subarray(0, archive.length - 100_000), 'backup-truncated'],
    ['has a flipped bit in its data', () => flipBit(archive, archive.length - 100_000), 'backup-corrupt'],
  ])('fails the drill when it %s', async (_how, spoil, expected) => {
    const { code, run, timeline } = await drillOn('orders.dump', spoil());
    expect(code).toBe(1);
    expect(run.error).toMatchObject({ code: expected, stage: 'restore', hint: expect.stringMatching(/\.$/) });
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', reasons: [{ reason: 'unrestorable' }] });
    expect(timeline).toEqual(RESTORE_FAILED);
  });

  it('fails the drill before boot when cut in its table of contents', async () => {
    const { code, run, timeline } = await drillOn('orders.dump', archive.subarray(0, 900));
    expect(code).toBe(1);
    expect(run.error).toMatchObject({
      code: 'backup-truncated',
      stage: 'locate',
      message: expect.stringContaining('orders.dump'),
    });
    expect(timeline).toEqual(['locate failed', 'teardown skipped']);
  });
});

describe('a dump that contains an error', () => {
  const dump = plainDump("INSERT INTO public.nowhere VALUES ('4111 1111');\n");
  const error = 'line 26: relation "public.nowhere" does not exist (INSERT INTO public.nowhere …)';

  it('fails although every check passes, and shows the error without its data', async () => {
    const { code, run, timeline, stdout } = await drillOn('orders.sql', dump);
    expect(code).toBe(1);
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', restoreErrorCount: 1, restoreErrors: [error] });
    expect(run.reasons).toMatchObject([{ reason: 'unrestorable', sentence: `1 error while restoring: ${error}` }]);
    expect(run.checks).toMatchObject([{ passed: true }]);
    expect(timeline).toEqual([
      'locate ok',
      'plan ok',
      'image-pull skipped',
      'provision ok',
      'restore ok',
      'verify ok',
      'teardown ok',
    ]);
    expect(stdout).toContain(`  restore: ${error}\n`);
    expect(stdout + JSON.stringify(run)).not.toContain('4111');
  });

  it('passes when the drill allows that error, and says how many there were', async () => {
    const { code, run } = await drillOn('orders.sql', dump, {
      restore: { ignoreErrors: ['relation "public\\.nowhere" does not exist'] },
    });
    expect(code).toBe(0);
    expect(run).toMatchObject({
      verdict: 'passed',
      restoreErrorCount: 0,
      warnings: ['1 error while restoring matched restore.ignoreErrors'],
    });
  });
});

it('breaks the drill before boot when an extension is missing, and names it', async () => {
  const { code, run, timeline } = await drillOn(
    'orders.sql',
    plainDump('CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;\n'),
  );
  expect(code).toBe(2);
  expect(run.error).toEqual({
    code: 'extension-missing',
    stage: 'provision',
    message: 'PostgreSQL 18.4 from npm lacks the extension that the backup creates: postgis',
    hint: 'Name an image that has it in `engine.image`, or install the extension’s package for Postgres 18.',
    details: [],
  });
  expect(run).toMatchObject({ status: 'errored', reasons: [], sandbox: { removed: true } });
  expect(timeline).toEqual(['locate ok', 'plan ok', 'image-pull skipped', 'provision errored', 'teardown ok']);
});

it('breaks the drill when data needs a missing library, with the error code for that', async () => {
  const { code, run } = await drillOn(
    'orders.sql',
    plainDump(`CREATE FUNCTION public.fits(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'select true';
CREATE INDEX customer_fits ON public.customer (id) WHERE public.fits(1);
CREATE OR REPLACE FUNCTION public.fits(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
  'begin raise exception using errcode = ''58P01'', message = ''could not access file "nowhere": No such file or directory''; end';
`),
  );
  expect(run.error).toMatchObject({
    code: 'image-incomplete',
    stage: 'restore',
    message: expect.stringMatching(/^"?public"?\."?customer"? cannot be read: could not access file "nowhere"/),
    hint: expect.stringContaining('`engine.image`'),
  });
  expect(code).toBe(2);
});

it('fails the drill when the dump’s own functions drop one of its tables, whatever is checked', async () => {
  const { code, run, timeline } = await drillOn(
    'orders.sql',
    plainDump(`CREATE TABLE public.orders (id integer);
CREATE FUNCTION public.clean() RETURNS trigger LANGUAGE plpgsql AS 'begin drop table public.orders; return new; end';
CREATE TRIGGER clean BEFORE INSERT ON public.customer FOR EACH ROW EXECUTE FUNCTION public.clean();
INSERT INTO public.customer VALUES (4, 'Barbara');
DELETE FROM public.customer WHERE id = 4;
`),
  );
  expect(run.reasons).toMatchObject([
    {
      reason: 'wrong-data',
      sentence: 'of 2 tables that the dump creates, 1 are not in the restored copy: public.orders in restored',
    },
  ]);
  expect(timeline).toEqual(RESTORE_FAILED);
  expect(code).toBe(1);
});

describe.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
  'a full disk (needs root, to mount a file system)',
  () => {
    it('breaks the drill without judging the backup', async () => {
      const disk = join(workspace.directory, 'small');
      await mkdir(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=755', 'tmpfs', disk]);
      try {
        await workspace.write('firedrill.yaml', 'sandbox: { dataRoot: ./small }\n');
        const rows =
          'INSERT INTO public.customer SELECT id, repeat(md5(id::text), 20) FROM generate_series(10, 200000) id;\n';
        const { code, run, timeline } = await drillOn('orders.sql', plainDump(rows));
        expect(run.error).toMatchObject({ code: 'disk-full', hint: expect.stringContaining('Free up space') });
        expect(code).toBe(2);
        expect(run).toMatchObject({ status: 'errored', reasons: [], sandbox: { removed: true } });
        expect(timeline).toEqual([
          'locate ok',
          'plan ok',
          'image-pull skipped',
          'provision ok',
          'restore errored',
          'teardown ok',
        ]);
      } finally {
        execFileSync('umount', [disk]);
      }
    });
  },
);

describe('several simultaneous reasons', () => {
  it('are all reported: stale, wrong and slow', async () => {
    const { code, run, stdout } = await drillOn('orders-2020-01-01.sql', plainDump(), {
      backup: { source: './backups', match: 'orders*', takenAt: 'name' },
      objectives: { rto: '10ms', rpo: '26h' },
      checks: [{ name: 'customers are all there', sql: 'select count(*) from customer', expect: { min: 4 } }],
    });
    expect(code).toBe(1);
    expect(run.reasons.map(({ reason }) => reason)).toEqual(['stale-backup', 'wrong-data', 'too-slow']);
    const [stale, wrong, slow] = run.reasons.map(({ sentence }) => sentence);
    expect(stale).toMatch(/^newest backup is .* old, RPO 26 h \(.* over\)$/);
    expect(wrong).toBe('the only check failed: customers are all there: expected at least 4, got 3');
    expect(slow).toMatch(/^recovery took .*, target 10 ms \(.* over\); slowest: \w+ .*$/);
    expect(stdout).toContain(`FAILED orders: ${stale}; ${wrong}; ${slow}\n`);
  });
});

function flipBit(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}
