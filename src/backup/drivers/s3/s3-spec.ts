import type { KeySpec } from '../../decryption/key-spec.ts';

export interface S3Spec {
  readonly type: 's3';
  readonly bucket: string;
  /** Ends with `/` or is empty. */
  readonly prefix: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  readonly forcePathStyle: boolean | undefined;
  readonly profile: string | undefined;
  /** Agrees to pay for requests and transfer, for requester-pays buckets. */
  readonly requestPayer?: boolean | undefined;
  /** Assumed with the credentials below, or those of the chain. */
  readonly role?: S3Role | undefined;
  /** Where to read the SSE-C key, and the absolute base directory of relative paths in it. */
  readonly sseCustomerKey?: { readonly key: KeySpec; readonly directory: string } | undefined;
  /** Explicit keys, only from `${ENV}` or `{ file: … }`; otherwise the SDK's own credential chain. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** A role to assume through STS. */
export interface S3Role {
  readonly arn: string;
  readonly externalId: string | undefined;
  /** STS endpoint of the store; undefined: that of AWS, or from the environment. */
  readonly stsEndpoint: string | undefined;
}

/** `s3://acme-backups/orders/` */
export function describeBucket({ bucket, prefix }: Pick<S3Spec, 'bucket' | 'prefix'>): string {
  return `s3://${bucket}/${prefix}`;
}
