import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { openS3Source } from '../../../src/backup/drivers/s3/s3-source.ts';
import { SOURCE_DRIVERS } from '../../../src/backup/registry.ts';
import type { BackupSource } from '../../../src/backup/source.ts';
import { s3Spec, startObjectStore } from '../../support/object-store.ts';
import { describeLooks } from './poll-contract.ts';

describe('polling an S3 store', () => {
  let store: Awaited<ReturnType<typeof startObjectStore>>;
  const opened: BackupSource[] = [];
  let spaces = 0;
  beforeAll(async () => {
    store = await startObjectStore();
  });
  afterEach(() => {
    for (const source of opened.splice(0)) source.close();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  describeLooks(SOURCE_DRIVERS.s3.traits, async () => {
    spaces += 1;
    const bucket = `look-${spaces}`;
    await store.createBucket(bucket);
    const source = await openS3Source(s3Spec(store, bucket, { prefix: 'orders/' }));
    opened.push(source);
    return {
      source,
      put: (key, body) => store.put(bucket, `orders/${key}`, body),
      remove: (key) => store.remove(bucket, `orders/${key}`),
    };
  });
});
