import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasSakila, makeDumps, type SourceImage } from '../engines/mysql/dumps.ts';
import { firedrill, makeWorkspace, TEST_IMAGES } from '../support/cli.ts';
import { isFullMatrix } from '../support/full-matrix.ts';
import { hasHostMariadb } from '../support/host-mariadb.ts';
import type { ObjectStore } from '../support/object-store.ts';
import { startRadosgw } from '../support/radosgw.ts';

/** Complete drills, each with its engine and format; engines/mysql/formats.docker.test.ts compares the restored data with its source. */
const ALL: readonly (readonly [server: SourceImage, backup: string, runtime: 'docker' | 'local'])[] = [
  ['mysql:9.7', 'whole.sql.gz', 'docker'],
  ['mysql:9.7', 'mydumper-packed/', 'docker'],
  ['mariadb:10.11', 'position.sql', 'docker'],
  ['mariadb:10.11', 'whole.sql.gz', 'local'],
  ['mariadb:11.8', 'databases.sql', 'docker'],
  ['mariadb:11.8', 'whole.sql.lz4', 'docker'],
];
/** CI leaves MariaDB 11.8 to the test of formats: reading a dump from a store does not depend on the version. */
const ROWS = ALL.filter(([server]) => isFullMatrix || server !== 'mariadb:11.8');
const SERVERS = [...new Set(ROWS.map(([server]) => server))];

/** A real database, dumped by the real tools, in a real object store, drilled in real containers. */
describe.skipIf(!inject('dockerAnswers') || !hasSakila)('Sakila', () => {
  let store: ObjectStore;
  beforeAll(async () => {
    store = await startRadosgw();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  describe.each<SourceImage>(SERVERS)('dumped by %s', (server) => {
    let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
    const bucket = `sakila-${server.replaceAll(/\W/g, '-')}`;
    const rows = ROWS.filter(([of, , runtime]) => of === server && (runtime === 'docker' || hasHostMariadb));
    beforeAll(async () => {
      workspace = await makeWorkspace();
      const dumps = join(workspace.directory, 'dumps');
      await writeFile(join(workspace.directory, 'firedrill.yaml'), `images: ${JSON.stringify(TEST_IMAGES)}\n`);
      const names = rows.map(([, name]) => name);
      await makeDumps(server, dumps, names);
      await store.createBucket(bucket);
      for (const name of names) await upload(store, bucket, dumps, name.replace(/\/$/, ''));
    });
    afterAll(() => workspace[Symbol.asyncDispose]());

    test.each(rows)(
      '%s: %s is restored completely from the object store, runtime %s',
      async (_server, name, runtime) => {
        await writeFile(join(workspace.directory, 'drill.yaml'), sakilaDrill(store, bucket, server, name));
        const env = { S3_KEY: store.accessKeyId, S3_SECRET: store.secretAccessKey };
        const argv = ['run', 'drill.yaml', '--runtime', runtime, '--json'];
        const result = await firedrill(argv, { cwd: workspace.directory, env });
        const last = result.stdout.trim().split('\n').at(-1) ?? '';
        const { run } = JSON.parse(last) as { run: Record<string, unknown> };
        expect(run['error']).toBeUndefined();
        expect(run).toMatchObject({
          status: 'completed',
          verdict: 'passed',
          reasons: [],
          restoreErrorCount: 0,
          sandbox: { runtime, removed: true, ...(runtime === 'docker' ? { image: `firedrill-test/${server}` } : {}) },
        });
        expect(result.code).toBe(0);
      },
    );
  });
});

/** mydumper's directories do not state their version, so that drill does. */
function sakilaDrill(store: ObjectStore, bucket: string, server: SourceImage, match: string): string {
  const [type, major] = server.split(':');
  const version = match.endsWith('/') ? `, version: '${major}'` : '';
  return `
name: sakila
backup: { source: s3://${bucket}/, endpoint: '${store.endpoint}', region: us-east-1, forcePathStyle: true,
  accessKeyId: '\${S3_KEY}', secretAccessKey: '\${S3_SECRET}', match: '${match}' }
engine: { type: ${type}, database: sakila${version} }
objectives: { rto: 30m, rpo: 26h }
checks:
  - { name: customers, sql: select count(*) from customer, expect: 599 }
  - { name: rentals, sql: select count(*) from rental, expect: 16044 }
  - { name: payments, sql: select sum(amount) from payment, expect: { equals: '67416.51' } }
  - { name: films, sql: select count(*) from film, expect: 1000 }
  - { name: newest payment, sql: select max(payment_date) from payment, expect: { equals: '2006-02-14 15:16:03' } }
  - { name: words are indexed, sql: "select count(*) from film_text where match(title, description) against ('dinosaur')", expect: { min: 1 } }
  - { name: a view answers, sql: select count(*) from film_list, expect: { min: 900 } }
`;
}

async function upload(store: ObjectStore, bucket: string, directory: string, name: string): Promise<void> {
  const path = join(directory, name);
  if (!(await stat(path)).isDirectory()) return store.put(bucket, name, await readFile(path));
  for (const member of await readdir(path)) await upload(store, bucket, directory, `${name}/${member}`);
}
