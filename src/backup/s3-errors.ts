import { DrillError } from '../support/errors.ts';

/** What was being asked of the store when it failed; for the message. */
export interface S3Request {
  /** `ListObjectsV2`, `GetObject`, … */
  readonly operation: string;
  readonly key: string | undefined;
  readonly bucket: string;
  /** Host and port, or the region's own when no endpoint is configured. */
  readonly endpoint: string;
  readonly region: string;
  readonly attempts: number;
}

/** The parts of an SDK error that tell causes apart. */
interface S3Failure {
  readonly name: string;
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
  readonly requestId: string | undefined;
  readonly extendedRequestId: string | undefined;
  readonly bucketRegion: string | undefined;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ECONNABORTED',
]);
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_CUT', 'ERR_STALLED']);
const THROTTLED = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'RequestLimitExceeded',
  'RequestThrottled',
]);
const DENIED = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AllAccessDisabled',
  'ExpiredToken',
  'InvalidToken',
]);

/** @returns true when the same request may well succeed a moment later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof DrillError) return false;
  const failure = readFailure(error);
  if (failure.status !== undefined && (failure.status >= 500 || failure.status === 429 || failure.status === 408)) {
    return true;
  }
  if (THROTTLED.has(failure.name) || failure.name === 'RequestTimeout') return true;
  if (failure.name === 'TimeoutError' || UNREACHABLE.has(failure.code) || CUT.has(failure.code)) {
    return failure.code !== 'ENOTFOUND'; // a wrong host name stays wrong
  }
  return /socket hang up|aborted|parse error/i.test(failure.message) && failure.status === undefined;
}

/** An SDK error as the DrillError that says what to do about it. Error names: the S3 API reference, "Error responses". */
export function explainS3Error(error: unknown, request: S3Request): DrillError {
  if (error instanceof DrillError) return error;
  const failure = readFailure(error);
  const details = requestIds(failure);
  const made = (code: ConstructorParameters<typeof DrillError>[0], message: string, hint: string) =>
    new DrillError(code, message, { hint, details, cause: error });
  const what = request.key === undefined ? request.operation : `${request.operation} of ${request.key}`;

  if (failure.name === 'NoSuchBucket') {
    return made(
      'source-missing',
      `there is no bucket ${request.bucket} at ${request.endpoint}`,
      'Check the bucket in `backup.source` for a typing error, and that `endpoint` is the right store.',
    );
  }
  if (isCredentialsMissing(failure)) {
    return made(
      'source-credentials',
      `no usable credentials for ${request.bucket}: ${failure.message}`,
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `profile` or `credentials` in the drill’s backup section.',
    );
  }
  if (isWrongRegion(failure)) {
    const right = failure.bucketRegion ?? /expecting '([a-z0-9-]+)'/.exec(failure.message)?.[1];
    return made(
      'source-wrong-region',
      `the bucket ${request.bucket} is not in region ${request.region}${right ? `, it is in ${right}` : ''}`,
      right ? `Set \`region: ${right}\` in the drill’s backup section.` : 'Set `region` to the one the bucket is in.',
    );
  }
  if (failure.name === 'RequestTimeTooSkewed') {
    return made(
      'source-denied',
      `${request.endpoint} refused ${what}: this machine's clock is too far off`,
      'Set the clock of this machine (NTP), then run the drill again.',
    );
  }
  if (failure.status === 403 || failure.status === 401 || DENIED.has(failure.name)) {
    return made(
      'source-denied',
      `${request.endpoint} denied ${what} in ${request.bucket} (${failure.name})`,
      deniedHint(failure, request),
    );
  }
  if (request.key !== undefined && (failure.status === 404 || failure.status === 412 || failure.status === 416)) {
    const how = failure.status === 404 ? 'was deleted' : 'was replaced';
    return made(
      'backup-changed',
      `${request.key} ${how} since it was listed (${failure.status} ${failure.name})`,
      'Run the drill again; if it happens each time, the drill and the backup job run at the same hour.',
    );
  }
  if (failure.status === undefined && (UNREACHABLE.has(failure.code) || failure.name === 'TimeoutError')) {
    return made(
      'source-unreachable',
      `${request.endpoint} does not answer (${failure.code || failure.message}, ${times(request.attempts)})`,
      'Check `endpoint` and `region` for a typing error, and that this machine may reach that host and port.',
    );
  }
  const seen = failure.status === undefined ? failure.code || failure.name : `${failure.status} ${failure.name}`;
  return made(
    'source-failed',
    `${what} in ${request.bucket} failed ${times(request.attempts)}: ${seen}: ${failure.message}`,
    'If it goes on, give the request ids to the provider’s support.',
  );
}

function deniedHint(failure: S3Failure, request: S3Request): string {
  if (failure.name === 'InvalidAccessKeyId')
    return 'The store does not know this access key: check which one is in use.';
  if (failure.name === 'SignatureDoesNotMatch')
    return 'The secret key does not belong to the access key: set it again.';
  if (/Expired|InvalidToken/.test(failure.name))
    return 'The session has expired: log in again, or use lasting credentials.';
  const action = request.operation === 'ListObjectsV2' ? 's3:ListBucket' : `s3:${request.operation}`;
  return `Allow ${action} on this bucket for the credentials in use; listing and reading are separate permissions.`;
}

function isCredentialsMissing(failure: S3Failure): boolean {
  return (
    /CredentialsProviderError|^Token(Provider)?Error$/.test(failure.name) ||
    /credential is missing/i.test(failure.message)
  );
}

function isWrongRegion(failure: S3Failure): boolean {
  return (
    failure.name === 'PermanentRedirect' ||
    failure.name === 'AuthorizationHeaderMalformed' ||
    failure.name === 'IllegalLocationConstraintException' ||
    failure.status === 301 ||
    failure.status === 307
  );
}

function requestIds(failure: S3Failure): string[] {
  const lines = [];
  if (failure.requestId) lines.push(`request id ${failure.requestId}`);
  if (failure.extendedRequestId) lines.push(`extended request id ${failure.extendedRequestId}`);
  return lines;
}

function times(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}

/** SDK errors carry `$metadata` and `$response`; Node's carry `code`. */
export function readFailure(error: unknown): S3Failure {
  const raw = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: string;
    code?: string;
    Code?: string;
    message?: string;
    Region?: string;
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
  };
}
