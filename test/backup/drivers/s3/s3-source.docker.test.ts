import { randomBytes } from 'node:crypto';
import { CreateMultipartUploadCommand, PutBucketVersioningCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import { readRanged } from '../../../../src/backup/reading/ranged-read.ts';
import { locateBackup } from '../../../../src/backup/selection/locate-backup.ts';
import type { StoreRequest } from '../../../../src/support/store-request.ts';
import { describeSourceContract, failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';
import { startFaultProxy } from '../../../support/fault-proxy.ts';
import { type ObjectStore, s3Spec } from '../../../support/object-store.ts';
import { type Radosgw, startRadosgw } from '../../../support/radosgw.ts';
import { describeProtection } from './protection.ts';
import { describeVersionsAndKeys } from './versions-and-keys.ts';

describe.skipIf(!inject('dockerAnswers'))('a real S3 server', () => {
  let store: Radosgw;
  beforeAll(async () => {
    store = await startRadosgw();
  });
  afterAll(async () => store?.[Symbol.asyncDispose]());

  describeSourceContract('S3 (radosgw)', async () => {
    // Here, the proxy only counts sockets.
    const proxy = await startFaultProxy(store.endpoint);
    let spaces = 0;
    return {
      noticesReplacement: true,
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
      dispose: async () => proxy[Symbol.asyncDispose](),
    };
  });

  describeVersionsAndKeys(() => store);
  describeProtection(() => store);

  it('lists more than one page', async () => {
    await store.createBucket('pages');
    const keys = Array.from({ length: 1050 }, (_, index) => `orders-${String(index).padStart(4, '0')}.dump`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => store.put('pages', key, 'x')));
    }
    const requests: StoreRequest[] = [];
    const source = await openS3Source(s3Spec(store, 'pages'), undefined, {
      onRequest: (request) => requests.push(request),
    });
    expect((await listAll(source)).map(({ key }) => key)).toEqual(keys);
    expect(requests).toHaveLength(2);
    source.close();
  });

  it('lists no delete markers, old versions or unfinished uploads', async () => {
    await store.createBucket('versions');
    await store.client.send(
      new PutBucketVersioningCommand({ Bucket: 'versions', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    await store.put('versions', 'kept.dump', 'first');
    await store.put('versions', 'kept.dump', 'second one');
    await store.put('versions', 'deleted.dump', 'x');
    await store.remove('versions', 'deleted.dump');
    const at = { Bucket: 'versions', Key: 'unfinished.dump' };
    const { UploadId } = await store.client.send(new CreateMultipartUploadCommand(at));
    await store.client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: randomBytes(6_000_000) }));
    const source = await openS3Source(s3Spec(store, 'versions'));
    const objects = await listAll(source);
    expect(objects.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([['kept.dump', 10]]);
    source.close();
  });

  it('distinguishes a wrong secret from an unknown key', async () => {
    await store.createBucket('locked');
    const { accessKeyId } = store;
    const wrong = await openS3Source(
      s3Spec(store, 'locked', { credentials: { accessKeyId, secretAccessKey: 'wrong-secret' } }),
    );
    const refused = await failure(listAll(wrong));
    expect(refused.code).toBe('source-denied');
    expect(refused.hint).toContain('secret key does not belong to the access key');
    const unknown = await openS3Source(
      s3Spec(store, 'locked', { credentials: { accessKeyId: 'nobody', secretAccessKey: 'wrong-secret' } }),
    );
    expect((await failure(listAll(unknown))).hint).toContain('does not know this access key');
    wrong.close();
    unknown.close();
  });

  it('detects that an object is replaced while being read', async () => {
    await store.createBucket('moving');
    await store.put('moving', 'a.dump', randomBytes(3_000_000));
    const source = await openS3Source(s3Spec(store, 'moving'));
    const object = must((await listAll(source))[0]);
    const stream = readRanged(source, object, {
      signal: never(),
      meter: { bytesRead: 0 },
      parallel: 1,
      partBytes: 1_000_000,
    });
    const reading = (async () => {
      let isReplaced = false;
      for await (const chunk of stream) {
        if (isReplaced || chunk.length === 0) continue;
        isReplaced = true;
        await store.put('moving', 'a.dump', randomBytes(3_000_000));
      }
    })();
    const error = await failure(reading);
    expect(error.code).toBe('backup-changed');
    expect(error.message).toBe('a.dump was replaced since it was listed (412 PreconditionFailed)');
    source.close();
  });

  it('reads a multipart upload, whose etag is not a checksum', async () => {
    await store.createBucket('parts');
    const body = randomBytes(11_000_000);
    await uploadInParts(store, 'parts', 'a.dump', body);
    const source = await openS3Source(s3Spec(store, 'parts'));
    const object = must((await listAll(source))[0]);
    expect(object.etag).toMatch(/-2"$/);
    expect((await readAll(source, object)).equals(body)).toBe(true);
    source.close();
  });

  it('picks the newest by its taken-at tag even if it was stored first', async () => {
    await store.createBucket('tagged');
    await store.put('tagged', 'shop-2026-11-20.dump', 'newer', { tags: 'taken-at=2026-11-20T03:15:00Z' });
    await store.put('tagged', 'shop-2026-11-19.dump', 'older', { tags: 'taken-at=2026-11-19T03:15:00Z' });
    await store.put('tagged', 'shop-2026-11-21.dump', 'untagged');
    const source = await openS3Source(s3Spec(store, 'tagged'));
    const spec = { match: '*.dump', select: { by: 'latest' }, takenAt: 'tag' } as const;
    const { backup, warnings } = await locateBackup(source, { ...spec, layouts: [] }, new Date(), 'seed', never());
    expect(backup).toMatchObject({
      key: 'shop-2026-11-20.dump',
      takenAtFrom: 'tag',
      takenAt: new Date('2026-11-20T03:15:00Z'),
    });
    expect(warnings).toEqual(['1 that matches has no tag taken-at and was left out']);
    source.close();
  });
});

async function uploadInParts(store: ObjectStore, bucket: string, key: string, body: Buffer): Promise<void> {
  const { CompleteMultipartUploadCommand } = await import('@aws-sdk/client-s3');
  const at = { Bucket: bucket, Key: key };
  const { UploadId } = await store.client.send(new CreateMultipartUploadCommand(at));
  const parts = [body.subarray(0, 6_000_000), body.subarray(6_000_000)];
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await store.client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    Parts.push({ ETag, PartNumber });
  }
  await store.client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
}
