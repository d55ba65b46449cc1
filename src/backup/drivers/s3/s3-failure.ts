/** The request that failed, for the message. */
export interface S3Request {
  /** `ListObjectsV2`, `GetObject`, … */
  readonly operation: string;
  readonly key: string | undefined;
  readonly bucket: string;
  /** Host and port, or the region's endpoint if none is configured. */
  readonly endpoint: string;
  readonly region: string;
  readonly attempts: number;
}

/** The parts of an SDK error that identify its cause. */
export interface S3Failure {
  readonly name: string;
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
  readonly requestId: string | undefined;
  readonly extendedRequestId: string | undefined;
  readonly bucketRegion: string | undefined;
  /** Storage class of an object that cannot be read directly. */
  readonly storageClass: string | undefined;
  /** Whether the requested version is a delete marker: the object was deleted, but its versions are retained. */
  readonly isDeleteMarker: boolean;
}

/** SDK errors carry `$metadata` and `$response`; Node's carry `code`. */
export function readFailure(error: unknown): S3Failure {
  const raw = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: string;
    code?: string;
    Code?: string;
    message?: string;
    Region?: string;
    StorageClass?: string;
    AccessTier?: string;
    $metadata?: { httpStatusCode?: number; requestId?: string; extendedRequestId?: string };
    $response?: { headers?: Record<string, string> };
    errors?: { code?: string }[];
  };
  const headers = raw.$response?.headers ?? {};
  const name =
    raw.name && raw.name !== 'Error' && raw.name !== 'UnknownError' ? raw.name : (raw.Code ?? raw.name ?? 'Error');
  return {
    name,
    code: raw.code ?? raw.errors?.[0]?.code ?? '',
    status: raw.$metadata?.httpStatusCode,
    message: raw.message ?? String(error),
    requestId: raw.$metadata?.requestId ?? headers['x-amz-request-id'],
    extendedRequestId: raw.$metadata?.extendedRequestId ?? headers['x-amz-id-2'],
    bucketRegion: headers['x-amz-bucket-region'] ?? raw.Region,
    storageClass: raw.AccessTier ?? raw.StorageClass,
    isDeleteMarker: headers['x-amz-delete-marker'] === 'true',
  };
}
