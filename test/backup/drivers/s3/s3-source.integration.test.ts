import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import { describeSourceContract } from '../../../contracts/source-contract.ts';
import { startFaultProxy } from '../../../support/fault-proxy.ts';
import { s3Spec, startObjectStore } from '../../../support/object-store.ts';

describeSourceContract('S3 (in process)', async () => {
  const store = await startObjectStore();
  // Here, the proxy only counts sockets.
  const proxy = await startFaultProxy(store.endpoint);
  let spaces = 0;
  return {
    noticesReplacement: false,
    space: async (prefix = '') => {
      spaces += 1;
      const bucket = `space-${spaces}`;
      await store.createBucket(bucket);
      return {
        source: await openS3Source(s3Spec(store, bucket, { prefix, endpoint: proxy.endpoint })),
        put: (key, body) => store.put(bucket, key, body),
        remove: (key) => store.remove(bucket, key),
      };
    },
    missing: () => openS3Source(s3Spec(store, 'absent', { endpoint: proxy.endpoint })),
    assertNothingOpen: () => proxy.idle(),
    dispose: async () => {
      await proxy[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
});
