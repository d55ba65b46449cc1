import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { openRcloneSource } from '../../../../src/backup/drivers/rclone/rclone-source.ts';
import { describeSourceContract, listAll, must, readAll } from '../../../contracts/source-contract.ts';
import type { ObjectStore } from '../../../support/object-store.ts';
import { startRadosgw } from '../../../support/radosgw.ts';
import { hasRclone, noRcloneLeft } from '../../../support/rclone-remotes.ts';

describe.skipIf(!inject('dockerAnswers') || !hasRclone)('rclone on a real S3 server', () => {
  let store: ObjectStore;
  beforeAll(async () => {
    store = await startRadosgw();
    vi.stubEnv('RCLONE_CONFIG', '/dev/null');
    vi.stubEnv('AWS_CA_BUNDLE', undefined); // rclone's S3 client refuses it
    const remote = {
      TYPE: 's3',
      PROVIDER: 'Ceph',
      ENDPOINT: store.endpoint,
      ACCESS_KEY_ID: store.accessKeyId,
      SECRET_ACCESS_KEY: store.secretAccessKey,
    };
    for (const [key, value] of Object.entries(remote)) vi.stubEnv(`RCLONE_CONFIG_STORE_${key}`, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await store?.[Symbol.asyncDispose]();
  });

  describeSourceContract('rclone, s3 (radosgw)', async () => {
    let spaces = 0;
    return {
      noticesReplacement: true,
      space: async (prefix = '') => {
        spaces += 1;
        const bucket = `space-${spaces}`;
        await store.createBucket(bucket);
        return {
          source: await openRcloneSource({ type: 'rclone', remote: 'store', path: `${bucket}/${prefix}` }),
          put: (key, body) => store.put(bucket, key, body),
          remove: (key) => store.remove(bucket, key),
        };
      },
      missing: () => openRcloneSource({ type: 'rclone', remote: 'store', path: 'absent' }),
      assertNothingOpen: noRcloneLeft,
      dispose: async () => undefined,
    };
  });

  it('lists more than one page', async () => {
    await store.createBucket('pages');
    const keys = Array.from({ length: 1050 }, (_, index) => `orders-${String(index).padStart(4, '0')}.dump`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => store.put('pages', key, key)));
    }
    const source = await openRcloneSource({ type: 'rclone', remote: 'store', path: 'pages' });
    const objects = await listAll(source);
    expect(objects.map(({ key }) => key).sort()).toEqual(keys);
    expect((await readAll(source, must(objects.at(-1)))).toString()).toBe(objects.at(-1)?.key);
    source.close();
  });
});
