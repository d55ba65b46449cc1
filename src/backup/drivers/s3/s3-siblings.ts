import type * as S3 from '@aws-sdk/client-s3';
import { asDrillError } from '../../../support/errors.ts';
import type { OnStoreRequest } from '../../../support/store-request.ts';
import type { SourceSiblings } from '../../source-driver.ts';
import { S3Attempts } from './s3-attempts.ts';
import { makeS3Client } from './s3-client.ts';
import { nameEndpoint, S3Requests, SYSTEM_S3_DEPS } from './s3-requests.ts';
import type { S3Spec } from './s3-spec.ts';

/** Further buckets are omitted: a single search could not list them all. */
const MAX_BUCKETS = 1000;

/**
 * The whole bucket of a source, and the other buckets that its credentials may list (ListBuckets). SSE-C keys are not carried over, since they belong to the
 * source.
 * @throws the signal's reason, and nothing else.
 */
export async function findS3Siblings(
  spec: S3Spec,
  onRequest: OnStoreRequest,
  signal: AbortSignal,
): Promise<SourceSiblings<S3Spec>> {
  const around = spec.prefix === '' ? undefined : { ...spec, prefix: '' };
  const sdk = await import('@aws-sdk/client-s3');
  const watch = { clock: SYSTEM_S3_DEPS.clock, onRequest };
  const { client, region } = await makeS3Client(sdk, spec, watch, SYSTEM_S3_DEPS.idleMs);
  try {
    const attempts = new S3Attempts(nameEndpoint(spec.endpoint, region), watch.clock, watch.onRequest);
    const requests = new S3Requests(client, spec, region, SYSTEM_S3_DEPS, attempts);
    const buckets = await listBuckets(sdk, requests, signal);
    const others = buckets
      .filter((bucket) => bucket !== spec.bucket)
      .map((bucket) => ({ ...spec, bucket, prefix: '', sseCustomerKey: undefined }));
    return { around, others, problem: undefined };
  } catch (thrown) {
    signal.throwIfAborted();
    return { around, others: [], problem: `other buckets cannot be listed: ${asDrillError(thrown).message}` };
  } finally {
    client.destroy();
  }
}

async function listBuckets(sdk: typeof S3, requests: S3Requests, signal: AbortSignal): Promise<readonly string[]> {
  const { Buckets = [] } = await requests.ask('ListBuckets', undefined, signal, (client, options) =>
    client.send(new sdk.ListBucketsCommand({}), options),
  );
  return Buckets.flatMap(({ Name }) => Name ?? []).slice(0, MAX_BUCKETS);
}
