import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import { NO_KEYS } from '../../../../src/backup/layer.ts';
import { openLogArchive } from '../../../../src/backup/reading/open-log-archive.ts';
import { mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { checkArchive } from '../../../../src/engines/mysql/log/check-archive.ts';
import { planReplay } from '../../../../src/engines/mysql/log/plan-replay.ts';
import { planSearch } from '../../../../src/engines/mysql/log/search-events.ts';
import { tarOf } from '../../../backup/archive/open-archive.ts';
import { type ObjectStore, s3Spec, startObjectStore } from '../../../support/object-store.ts';
import { recordedLog } from './recorded-logs.ts';

const never = new AbortController().signal;
const FIRST = { name: 'db1/bin.000001', content: recordedLog('mysql-9.7-tags') };
const SECOND = { name: 'db1/bin.000002', content: recordedLog('mysql-9.7-tagged') };

let store: ObjectStore;

beforeAll(async () => {
  store = await startObjectStore();
  const both = await tarOf([FIRST, SECOND]);
  const objects = { plain: both, gzip: gzipSync(both), first: await tarOf([FIRST]) };
  for (const bucket of ['plain', 'gzip', 'beside']) await store.createBucket(bucket);
  await store.put('plain', 'logs/all.tar', objects.plain);
  await store.put('gzip', 'logs/all.tar.gz', objects.gzip);
  await store.put('beside', 'logs/first.tar', objects.first);
  await store.put('beside', 'logs/bin.000002', SECOND.content);
});

afterAll(() => store[Symbol.asyncDispose]());

it.each(['plain', 'gzip', 'beside'])(
  'binary logs in a tar in a bucket are verified and searched: %s',
  async (bucket) => {
    const source = await openS3Source(s3Spec(store, bucket, { prefix: 'logs/' }));
    try {
      const archive = await openLogArchive(source, NO_KEYS, never);
      await checkArchive(archive, { kind: 'latest' }, never);
      const coordinates = { at: { file: 'bin.000001', position: 4 }, saidBy: 'the dump' };
      const input = { product: 'mysql', archive, coordinates, target: { kind: 'latest' }, signal: never } as const;
      const plan = await planReplay({ ...input, database: undefined });
      expect(plan.files.map(({ name }) => name)).toEqual(['bin.000001', 'bin.000002']);
      expect(plan.commits).toBeGreaterThan(3);
      const search = await planSearch(mysqlFlavor, archive, new Date(0), never);
      const options = { minRows: undefined, onFetched: () => undefined, onSearching: () => undefined, signal: never };
      const found = await search.run(() => Promise.reject(new Error('needs a sandbox')), options);
      expect(found.notSearched).toEqual([]);
    } finally {
      source.close();
    }
  },
);
