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
  /** Agrees to be charged for requests and transfer, where the bucket's owner wants that. */
  readonly requestPayer?: boolean | undefined;
  /** Taken on with the credentials below, or those of the chain. */
  readonly role?: S3Role | undefined;
  /** Where the key of SSE-C is read, and where relative paths in that begin (absolute). */
  readonly sseCustomerKey?: { readonly key: KeySpec; readonly directory: string } | undefined;
  /** Explicit keys, only from `${ENV}` or `{ file: … }`; otherwise the SDK's own credential chain. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** A role to assume by STS. */
export interface S3Role {
  readonly arn: string;
  readonly externalId: string | undefined;
  /** STS of the store; undefined: that of AWS, or of the environment. */
  readonly stsEndpoint: string | undefined;
}

/** `s3://acme-backups/orders/` */
export function describeBucket({ bucket, prefix }: Pick<S3Spec, 'bucket' | 'prefix'>): string {
  return `s3://${bucket}/${prefix}`;
}
