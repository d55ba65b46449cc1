import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { archived } from './s3-archive.ts';
import { explainCustomerKey, missingCustomerKey, wrongCustomerKey } from './s3-customer-key.ts';
import { readFailure, type S3Failure, type S3Request } from './s3-failure.ts';
import { explainRefusal } from './s3-refusals.ts';

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
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_CUT', 'ERR_STALLED', 'ERR_TOO_SLOW']);
const THROTTLED = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'RequestLimitExceeded',
  'RequestThrottled',
]);

/** @returns whether the store asks for fewer requests. */
export function isThrottled({ name, status }: S3Failure): boolean {
  return status === 429 || THROTTLED.has(name);
}

/** @returns true when a retry of the same request may succeed. */
export function isTransient(error: unknown): boolean {
  if (error instanceof DrillError) return false;
  const failure = readFailure(error);
  if (failure.status === 501) return false; // not implemented, and no retry changes that
  if (failure.status !== undefined && (failure.status >= 500 || failure.status === 429 || failure.status === 408)) {
    return true;
  }
  if (isThrottled(failure) || failure.name === 'RequestTimeout') return true;
  if (failure.name === 'TimeoutError' || UNREACHABLE.has(failure.code) || CUT.has(failure.code)) {
    return failure.code !== 'ENOTFOUND'; // retrying does not fix a wrong host name
  }
  return /socket hang up|aborted|parse error/i.test(failure.message) && failure.status === undefined;
}

/** Converts an SDK error to a DrillError with a hint. Error names: the S3 API reference, "Error responses". */
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
      'Check the bucket in `backup.source` for a typo, and that `endpoint` is the right store.',
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
  if (failure.name === 'InvalidObjectState') return archived({ ...request, storageClass: failure.storageClass });
  const customerKey = request.key === undefined ? undefined : explainCustomerKey(error);
  if (customerKey === 'wrong') return wrongCustomerKey(request.key ?? '', error);
  if (customerKey === 'wanted') return missingCustomerKey(request.key ?? '', error);
  const refusal = explainRefusal(failure, request);
  if (refusal) return made(refusal.code, refusal.message, refusal.hint);
  if (request.key !== undefined && (failure.status === 404 || failure.status === 412 || failure.status === 416)) {
    const marked = failure.isDeleteMarker ? '; a delete marker hides it, and its versions are kept' : '';
    const how = failure.status === 404 ? 'was deleted' : 'was replaced';
    return made(
      'backup-changed',
      `${request.key} ${how} since it was listed (${failure.status} ${failure.name}${marked})`,
      'Run the drill again. If it happens each time, the drill and the backup job overlap: move one of them.',
    );
  }
  if (failure.status === undefined && (UNREACHABLE.has(failure.code) || failure.name === 'TimeoutError')) {
    return made(
      'source-unreachable',
      `${request.endpoint} does not answer (${failure.code || failure.message}, ${times(request.attempts)})`,
      'Check `endpoint` and `region` for a typo, and that this machine may reach that host and port.',
    );
  }
  if (failure.status !== undefined && failure.status < 300) {
    return made(
      'source-failed',
      `${request.endpoint} answered ${what} in ${request.bucket} with something that does not come from an object store`,
      'A proxy or a login page may be answering instead of the store, or `endpoint` is not its S3 API: check with `curl -v`.',
    );
  }
  const seen = failure.status === undefined ? failure.code || failure.name : `${failure.status} ${failure.name}`;
  return made(
    'source-failed',
    `${what} in ${request.bucket} failed after ${times(request.attempts)}: ${CUT.has(failure.code) ? '' : `${seen}: `}${toPrintable(failure.message)}`,
    'If it keeps happening, send the request ids to the provider’s support.',
  );
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
