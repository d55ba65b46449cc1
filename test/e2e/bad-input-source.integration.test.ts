import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type ObjectStore, startObjectStore } from '../support/object-store.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
/** How the object store of these tests answers. */
const REQUEST_IDS = [expect.stringMatching(/^request id /), 'extended request id fauxqs'];
const NOT_BEGUN = ['locate errored', 'teardown skipped'];

let store: ObjectStore;
let proxy: FaultProxy;
let workspace: DrillWorkspace;

beforeAll(async () => {
  store = await startObjectStore();
  await store.createBucket('acme');
  await store.put('acme', 'orders/orders-1.sql', plainDump());
  proxy = await startFaultProxy(store.endpoint);
});
beforeEach(async () => {
  proxy.decide = () => undefined;
  workspace = await makeDrillWorkspace({ S3_KEY: 'AKIDEXAMPLE', S3_SECRET: SECRET });
});
afterEach(() => workspace[Symbol.asyncDispose]());
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

const backup = (changes: Record<string, unknown> = {}) => ({
  source: 's3://acme/orders/',
  endpoint: proxy.endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  accessKeyId: '${S3_KEY}',
  secretAccessKey: '${S3_SECRET}',
  match: 'orders*',
  ...changes,
});

/** A broken source breaks the drill without a verdict on the backup. */
async function expectErrored(code: string, message: string | RegExp, hint: string, details: unknown[] = []) {
  const drilled = await workspace.drill();
  const { run, timeline, stdout, log } = drilled;
  expect(drilled.code).toBe(2);
  expect(run).toMatchObject({ status: 'errored', reasons: [], checks: [] });
  expect(run.verdict).toBeUndefined();
  expect(run.error).toMatchObject({ code, stage: 'locate', hint, details });
  expect(run.error?.message).toMatch(message);
  expect(timeline).toEqual(NOT_BEGUN);
  expect(stdout).toContain(`ERRORED orders: ${code}: ${run.error?.message}\n`);
  expect(stdout).toContain(`  HINT: ${hint}\n`);
  expect(log.at(-1)?.message).toBe(`ERRORED orders: ${code}: ${run.error?.message}`);
  return drilled;
}

describe('an unusable store', () => {
  it('is reported when the bucket does not exist', async () => {
    await workspace.writeDrill({ backup: backup({ source: 's3://acmee/orders/' }) });
    await expectErrored(
      'source-missing',
      `there is no bucket acmee at ${proxy.endpoint}`,
      'Check the bucket in `backup.source` for a typo, and that `endpoint` is the right store.',
      REQUEST_IDS,
    );
  });

  it.each([
    [
      'access is denied',
      403,
      'AccessDenied',
      'Allow s3:ListBucket on this bucket for the credentials in use; listing and reading are separate permissions.',
    ],
    [
      'the key is unknown',
      403,
      'InvalidAccessKeyId',
      'The store does not know this access key: check which one is configured.',
    ],
    [
      'the secret is wrong',
      403,
      'SignatureDoesNotMatch',
      'The secret key does not belong to the access key: set it again. Behind a proxy, also check that it passes Host and path on unchanged.',
    ],
  ])('is reported when %s', async (_when, status, code, hint) => {
    proxy.decide = () => ({ kind: 'answer', status, code });
    await workspace.writeDrill({ backup: backup() });
    const message = `${proxy.endpoint} denied ListObjectsV2 in acme (${code})`;
    await expectErrored('source-denied', message, hint, ['request id proxy-1', 'extended request id proxy-2']);
  });

  it('is reported when listing is allowed but reading is not', async () => {
    proxy.decide = ({ url }) =>
      url.includes('.sql') ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined;
    await workspace.writeDrill({ backup: backup() });
    const message = `${proxy.endpoint} denied GetObject of orders/orders-1.sql in acme (AccessDenied)`;
    const hint =
      'Allow s3:GetObject on this bucket for the credentials in use; listing and reading are separate permissions.';
    const { run } = await expectErrored('source-denied', message, hint, [
      'request id proxy-1',
      'extended request id proxy-2',
    ]);
    expect(run.backup).toMatchObject({ source: 's3://acme/orders/', key: 'orders/orders-1.sql' });
  });

  it('is reported when the bucket is in another region', async () => {
    const headers = { 'x-amz-bucket-region': 'eu-central-1' };
    proxy.decide = () => ({ kind: 'answer', status: 301, code: 'PermanentRedirect', headers });
    await workspace.writeDrill({ backup: backup() });
    const message = 'the bucket acme is not in region us-east-1, it is in eu-central-1';
    const hint = 'Set `region: eu-central-1` in the drill’s backup section.';
    await expectErrored('source-wrong-region', message, hint, ['request id proxy-1', 'extended request id proxy-2']);
  });

  it('is reported when nothing listens on its port', async () => {
    const gone = await startFaultProxy(store.endpoint);
    await gone[Symbol.asyncDispose]();
    await workspace.writeDrill({ backup: backup({ endpoint: gone.endpoint }) });
    const message = `${gone.endpoint} does not answer (ECONNREFUSED, 5 attempts)`;
    const hint = 'Check `endpoint` and `region` for a typo, and that this machine may reach that host and port.';
    await expectErrored('source-unreachable', message, hint);
  });

  it('keeps its secret out of all output, history and logs', async () => {
    proxy.decide = () => ({ kind: 'answer', status: 403, code: `Denied ${SECRET} AKIDEXAMPLE` });
    await workspace.writeDrill({ backup: backup() });
    const { stdout, stderr, run, log } = await workspace.drill();
    expect(run.error?.code).toBe('source-denied');
    const shown = await workspace.firedrill(['show', run.id, '--log']);
    const json = await workspace.firedrill(['run', 'drill.yaml', '--json']);
    const planned = await workspace.firedrill(['plan', 'drill.yaml']);
    const doctor = await workspace.firedrill(['doctor', 'drill.yaml']);
    const files = ['history.db', 'history.db-wal'].map((name) =>
      readFile(join(workspace.directory, '.firedrill', name)).catch(() => Buffer.alloc(0)),
    );
    const bytes = Buffer.concat(await Promise.all(files));
    expect(bytes.includes('source-denied')).toBe(true);
    expect(bytes.includes(SECRET)).toBe(false);
    for (const text of [
      stdout,
      stderr,
      JSON.stringify(run),
      JSON.stringify(log),
      ...[shown, json, planned, doctor].flatMap(({ stdout, stderr }) => [stdout, stderr]),
    ]) {
      expect(text).not.toContain(SECRET);
    }
  });
});

describe('a backup that changes during the drill', () => {
  const HINT = 'Run the drill again. If it happens each time, the drill and the backup job overlap: move one of them.';

  it('breaks the drill when deleted between listing and reading', async () => {
    await store.put('acme', 'gone/orders-1.sql', plainDump());
    proxy.decide = ({ url }): Fault | undefined =>
      url.includes('orders-1.sql') ? { kind: 'hold', until: store.remove('acme', 'gone/orders-1.sql') } : undefined;
    await workspace.writeDrill({ backup: backup({ source: 's3://acme/gone/' }) });
    const message = 'gone/orders-1.sql was deleted since it was listed (404 NoSuchKey)';
    await expectErrored('backup-changed', message, HINT, REQUEST_IDS);
  });

  it('breaks the drill when replaced while being read', async () => {
    await store.put('acme', 'long/orders-1.sql', plainDump(manyRows()));
    const provisioned = Promise.withResolvers<void>();
    proxy.decide = ({ url, headers }): Fault | undefined => {
      if (!url.includes('orders-1.sql')) return undefined;
      expect(headers['if-match']).toMatch(/^"/);
      // The first part is enough to start; the rest arrives after the object has been overwritten.
      if (headers.range?.startsWith('bytes=0-')) return undefined;
      return {
        kind: 'hold',
        until: provisioned.promise,
        next: { kind: 'answer', status: 412, code: 'PreconditionFailed' },
      };
    };
    await workspace.writeDrill({ backup: backup({ source: 's3://acme/long/' }) });
    const { code, run, timeline } = await workspace.drill([], {
      onStdout: (text) => text.includes('provision ') && provisioned.resolve(),
    });
    expect(code).toBe(2);
    expect(run.error).toMatchObject({
      code: 'backup-changed',
      stage: 'restore',
      message: 'long/orders-1.sql was replaced since it was listed (412 PreconditionFailed)',
      hint: HINT,
    });
    expect(run).toMatchObject({ status: 'errored', reasons: [], sandbox: { removed: true } });
    expect(timeline).toEqual([
      'locate ok',
      'plan ok',
      'image-pull skipped',
      'provision ok',
      'restore errored',
      'teardown ok',
    ]);
  });
});

describe('a bucket with malicious names', () => {
  it('is read by the exact key, and printed without control sequences', async () => {
    const key = 'odd/orders a+b%20c&d="\'$(touch pwned) é💥 \u001b[31m-2026-11-20.sql';
    await store.put('acme', key, '<html>not this time</html>');
    await store.put('acme', 'odd/orders a+b%20c-2026-11-19.sql', plainDump());
    await workspace.writeDrill({ backup: backup({ source: 's3://acme/odd/', takenAt: 'name' }) });
    const { code, run, stdout } = await workspace.drill();
    expect(code).toBe(1);
    expect(run.backup?.key).toBe(key);
    expect(run.error?.code).toBe('backup-unrecognised');
    expect(stdout).toContain('$(touch pwned) é💥 \\u001b[31m-2026-11-20.sql');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('a source without a backup', () => {
  it('fails the drill when nothing matches, and names what it contains', async () => {
    await workspace.write('backups/invoices.sql', plainDump());
    await workspace.writeDrill();
    const { code, run, timeline } = await workspace.drill();
    expect(code).toBe(1);
    expect(run.error).toMatchObject({
      code: 'backup-missing',
      message: `no backup matches orders* under ${workspace.directory}/backups (1 object listed)`,
      hint: expect.stringMatching(/^The newest object there is invoices\.sql \(.* old, 539 B\)\.$/),
    });
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', reasons: [{ reason: 'missing-backup' }] });
    expect(timeline).toEqual(['locate failed', 'teardown skipped']);
  });

  it('fails the drill when it is empty', async () => {
    await workspace.writeDrill();
    const { code, run } = await workspace.drill();
    expect(code).toBe(1);
    expect(run.error).toMatchObject({
      code: 'backup-missing',
      message: `no backup matches orders* under ${workspace.directory}/backups (0 objects listed)`,
      hint: 'There are no objects there: check the prefix in `backup.source`, and that the backup job writes to it.',
    });
  });

  it('breaks the drill when the directory does not exist', async () => {
    await workspace.writeDrill({ backup: { source: './backup', match: 'orders*' } });
    await expectErrored(
      'source-missing',
      /there is no directory .*\/backup/,
      'Check `backup.source` for a typo, and that the disk is mounted.',
    );
  });

  it('fails the drill when the requested key does not exist, and suggests the nearest', async () => {
    await workspace.write('backups/orders-1.sql', plainDump());
    await workspace.writeDrill();
    const { code, run } = await workspace.drill(['--backup', 'orders-l.sql']);
    expect(code).toBe(1);
    expect(run.error).toMatchObject({
      code: 'backup-missing',
      message: `there is no backup orders-l.sql under ${workspace.directory}/backups (1 object listed)`,
      hint: 'The nearest keys there are orders-1.sql.',
    });
  });
});

/** About 10 MB, which is more than one part. */
function manyRows(): string {
  const rows = Array.from({ length: 100_000 }, (_, id) => `${id + 10}\t${'x'.repeat(90)}\n`);
  return `COPY public.customer (id, name) FROM stdin;\n${rows.join('')}\\.\n`;
}
