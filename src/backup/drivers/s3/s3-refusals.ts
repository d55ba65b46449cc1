import type { ErrorCode } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { S3Failure, S3Request } from './s3-failure.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

const DENIED = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AllAccessDisabled',
  'ExpiredToken',
  'InvalidToken',
  'InvalidPayer',
  'NotSignedUp',
  'AccountProblem',
  'RequestTimeTooSkewed',
]);

/**
 * Explains an authorization failure (the store knows the caller but denies the request), by the store's code and message. Codes and messages:
 * the S3 API reference, "Error responses", and the IAM user guide, "Access denied error message examples".
 * @returns undefined for other failures.
 */
export function explainRefusal(failure: S3Failure, request: S3Request): Refusal | undefined {
  const isOfKms = failure.name.startsWith('KMS.') || /^KMS\w*Exception$/.test(failure.name);
  if (failure.status !== 403 && failure.status !== 401 && !DENIED.has(failure.name) && !isOfKms) return undefined;
  const what = request.key === undefined ? request.operation : `${request.operation} of ${request.key}`;
  const refused = `${request.endpoint} denied ${what} in ${request.bucket}`;
  const kms = explainKms(failure, refused, isOfKms);
  if (kms) return kms;
  const found = REASONS.find(([pattern]) => pattern.test(`${failure.name} ${failure.message}`));
  const said = /^(?:Access Denied\.?|Forbidden|UnknownError|)$/i.test(failure.message)
    ? ''
    : `: ${toPrintable(failure.message, 300)}`;
  const action = request.operation === 'ListObjectsV2' ? 's3:ListBucket' : `s3:${request.operation}`;
  return {
    code: 'source-denied',
    message: `${refused} (${failure.name})${said}`,
    hint:
      found?.[1] ??
      `Allow ${action} on this bucket for the credentials in use; listing and reading are separate permissions.`,
  };
}

function explainKms({ name, message }: S3Failure, refused: string, isOfKms: boolean): Refusal | undefined {
  const action = /\bkms:\w+/.exec(message)?.[0];
  if (!isOfKms && action === undefined) return undefined;
  const key = /\barn:aws[\w-]*:kms:[\w-]*:\d*:(?:key|alias)\/[\w/-]+/.exec(message)?.[0];
  const of = key === undefined ? 'the KMS key that encrypts it' : `the KMS key ${key}`;
  if (isOfKms) {
    return {
      code: 'source-denied',
      message: `${refused}: ${of} cannot be used (${name}): ${toPrintable(message, 300)}`,
      hint: 'Nobody can read the backup without that key: enable it, or cancel its deletion, now.',
    };
  }
  return {
    code: 'source-denied',
    message: `${refused}: ${action ?? 'kms:Decrypt'} with ${of} is not allowed`,
    hint: `Allow kms:Decrypt on ${key ?? 'that key'} for the credentials in use, in their policy and in the policy of the key.`,
  };
}

/** Matched in this order against the store's code and message. */
const REASONS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/^RequestTimeTooSkewed/, 'This machine’s clock is too far off: set it (NTP), then run the drill again.'],
  [/^InvalidAccessKeyId/, 'The store does not know this access key: check which one is configured.'],
  [
    /^SignatureDoesNotMatch/,
    'The secret key does not belong to the access key: set it again. Behind a proxy, also check that it passes Host and path on unchanged.',
  ],
  [
    /^(?:ExpiredToken|InvalidToken|TokenRefreshRequired)|token.*expired/i,
    'The session has expired: log in again, or use long-lived credentials.',
  ],
  [
    /requester.?pays/i,
    'The bucket makes requesters pay: set `requestPayer: true` in the drill’s backup section, and the account of these credentials is charged for each drill.',
  ],
  [
    /explicit deny in a (?:resource-based|bucket) policy|bucket policy/i,
    'The policy of the bucket denies it: look there for a Deny on network, VPC endpoint, encryption or account that these credentials meet.',
  ],
  [
    /explicit deny in a VPC endpoint policy|VPC endpoint/i,
    'The policy of the VPC endpoint denies it: allow this bucket there.',
  ],
  [
    /explicit deny in a (?:service|resource) control policy/i,
    'A policy of the organization denies it: ask its administrator to allow it.',
  ],
  [/explicit deny/i, 'A policy denies it explicitly, which no permission outweighs: find that Deny.'],
  [
    /^(?:AllAccessDisabled|AccountProblem|NotSignedUp|InvalidPayer)/,
    'The account itself is closed to requests: ask its owner, or the provider’s support.',
  ],
];
