import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { firedrill, makeWorkspace, TEST_IMAGES } from '../support/cli.ts';
import { isFullMatrix } from '../support/full-matrix.ts';
import type { ObjectStore } from '../support/object-store.ts';
import { startRadosgw } from '../support/radosgw.ts';
import { dumpSakila, hasSakila, SAKILA_CHECKS, type SakilaBackup } from '../support/sakila.ts';

const ALL: Readonly<Record<string, readonly SakilaBackup[]>> = {
  '15': ['directory/', 'archive.tar', 'plain.sql.gz'],
  '17': ['custom.dump', 'directory/', 'archive.tar.gz', 'inserts.sql.gz', 'plain.sql.xz'],
  '18': ['directory.tar', 'plain.sql', 'plain.sql.zst'],
};
/**
 * Each way of reading a backup from a store, which does not depend on the version that wrote it; engines/postgres/formats.docker.test.ts
 * proves what each version does with a layout.
 */
const PICKED: typeof ALL = { '17': ['custom.dump', 'directory/', 'archive.tar.gz', 'plain.sql.xz'] };
const ROWS = isFullMatrix ? ALL : PICKED;

/** A real database, dumped by the real tools of three versions, in a real object store, drilled in real containers. */
describe.skipIf(!inject('dockerAnswers') || !hasSakila)('Sakila', () => {
  let store: ObjectStore;
  beforeAll(async () => {
    store = await startRadosgw();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  describe.each(Object.entries(ROWS))('dumped by Postgres %s', (major, backups) => {
    let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
    const bucket = `sakila-${major}`;
    beforeAll(async () => {
      workspace = await makeWorkspace();
      const dumps = join(workspace.directory, 'dumps');
      await writeFile(join(workspace.directory, 'firedrill.yaml'), `images: ${JSON.stringify(TEST_IMAGES)}\n`);
      await makeWritableForAll(dumps);
      await dumpSakila(`firedrill-test/postgres:${major}`, dumps, backups);
      await store.createBucket(bucket);
      await uploadAll(store, bucket, dumps);
    });
    afterAll(() => workspace[Symbol.asyncDispose]());

    test.each(backups)('%s is restored completely from the object store, in a container', async (name) => {
      await writeFile(join(workspace.directory, 'drill.yaml'), sakilaDrill(store, bucket, name));
      const env = { S3_KEY: store.accessKeyId, S3_SECRET: store.secretAccessKey };
      const result = await firedrill(['run', 'drill.yaml', '--runtime', 'docker', '--json'], {
        cwd: workspace.directory,
        env,
      });
      const [end] = result.stdout
        .trim()
        .split('\n')
        .slice(-1)
        .map((line) => JSON.parse(line) as { run: Record<string, unknown> });
      expect(end?.run['error']).toBeUndefined();
      expect(end?.run).toMatchObject({
        status: 'completed',
        verdict: 'passed',
        reasons: [],
        restoreErrorCount: 0,
        backup: { source: `s3://${bucket}/`, serverVersion: expect.stringMatching(new RegExp(`^${major}\\.`)) },
        sandbox: { runtime: 'docker', image: `firedrill-test/postgres:${major}`, removed: true },
      });
      expect(result.code).toBe(0);
    });
  });
});

function sakilaDrill(store: ObjectStore, bucket: string, match: string): string {
  return `
name: sakila
backup: { source: s3://${bucket}/, endpoint: '${store.endpoint}', region: us-east-1, forcePathStyle: true,
  accessKeyId: '\${S3_KEY}', secretAccessKey: '\${S3_SECRET}', match: '${match}' }
engine: { type: postgres, database: sakila }
objectives: { rto: 30m, rpo: 26h }
${SAKILA_CHECKS}`;
}

/** The server's user in the sandbox writes here. */
async function makeWritableForAll(directory: string): Promise<void> {
  await mkdir(directory);
  await chmod(directory, 0o777);
}

async function uploadAll(store: ObjectStore, bucket: string, directory: string, prefix = ''): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if ((await stat(path)).isDirectory()) await uploadAll(store, bucket, path, `${prefix}${name}/`);
    else await store.put(bucket, `${prefix}${name}`, await readFile(path));
  }
}
