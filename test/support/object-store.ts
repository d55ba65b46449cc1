import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';
import type { S3Spec } from '../../src/backup/drivers/s3/s3-spec.ts';

/** A running S3 store that a test may fill and damage. */
export interface ObjectStore extends AsyncDisposable {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly client: S3Client;
  createBucket(name: string): Promise<void>;
  put(bucket: string, key: string, body: Buffer | string, options?: { tags?: string }): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
}

/** An S3 store in this process: fast, but without versions, tags, conditional reads or any check of credentials. */
export async function startObjectStore(): Promise<ObjectStore> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  return connectObjectStore({ endpoint, accessKeyId: 'test', secretAccessKey: 'test' }, () => app.close());
}

/** What a test can do with a store that runs somewhere. */
export function connectObjectStore(
  at: { endpoint: string; accessKeyId: string; secretAccessKey: string },
  stop: () => Promise<void>,
): ObjectStore {
  const { accessKeyId, secretAccessKey } = at;
  const client = new S3Client({
    endpoint: at.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  return {
    ...at,
    client,
    createBucket: async (name) => {
      await client.send(new CreateBucketCommand({ Bucket: name }));
    },
    put: async (bucket, key, body, { tags } = {}) => {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...(tags ? { Tagging: tags } : {}) }),
      );
    },
    remove: async (bucket, key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stop();
    },
  };
}

/** How a drill would specify a bucket of this store. */
export function s3Spec(store: ObjectStore, bucket: string, changes: Partial<S3Spec> = {}): S3Spec {
  const { endpoint, accessKeyId, secretAccessKey } = store;
  return {
    type: 's3',
    bucket,
    prefix: '',
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    profile: undefined,
    credentials: { accessKeyId, secretAccessKey },
    ...changes,
  };
}
