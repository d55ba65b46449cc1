// The object store as the jobs of this installation see it: S3_ENDPOINT, S3_KEY, S3_SECRET, S3_BUCKET of the environment.
import { S3Client } from '@aws-sdk/client-s3';

export const bucket = process.env.S3_BUCKET;

export const store = new S3Client({
  endpoint: process.env.S3_ENDPOINT,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: process.env.S3_KEY, secretAccessKey: process.env.S3_SECRET },
  maxAttempts: 10,
});

/** `2026-11-21T032559Z`, in the style of the backup jobs. */
export function timestamp(now = new Date()) {
  return `${now.toISOString().slice(0, 19).replaceAll(':', '')}Z`;
}
