import { expect, it } from 'vitest';
import { explainS3Error } from '../../../../src/backup/drivers/s3/s3-errors.ts';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

function explain(name: string, message: string, fields: Record<string, unknown> = {}, status = 403): string {
  const error = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status }, ...fields });
  const {
    code,
    message: said,
    hint,
  } = explainS3Error(error, {
    operation: 'GetObject',
    key: 'a.dump',
    bucket: 'acme',
    endpoint: 'https://s3',
    region: 'eu-central-1',
    attempts: 1,
  });
  return `${code}: ${said} / ${hint}`;
}

it.each<[string, string, RegExp]>([
  ['AccessDenied', 'Access Denied', /^source-denied: .* in acme \(AccessDenied\) \/ Allow s3:GetObject on this bucket/],
  [
    'AccessDenied',
    `User: arn:aws:iam::1:user/x is not authorized to perform: kms:Decrypt on resource: ${KEY} because no identity-based policy allows the kms:Decrypt action`,
    new RegExp(`^source-denied: .*: kms:Decrypt with the KMS key ${KEY} is not allowed / Allow kms:Decrypt on ${KEY}`),
  ],
  [
    'KMS.DisabledException',
    `${KEY} is disabled.`,
    /^source-denied: .*the KMS key arn:\S+ cannot be used \(KMS.DisabledException\).*enable it/,
  ],
  ['AccessDenied', 'The bucket is a Requester Pays bucket', /^source-denied: .*set `requestPayer: true`/],
  [
    'AccessDenied',
    'User: u is not authorized to perform: s3:GetObject with an explicit deny in a resource-based policy',
    /^source-denied: .*The policy of the bucket denies it/,
  ],
  ['AccessDenied', 'explicit deny in a VPC endpoint policy', /policy of the VPC endpoint/],
  ['AccessDenied', 'explicit deny in a service control policy', /policy of the organization/],
  ['SignatureDoesNotMatch', 'The request signature we calculated', /The secret key does not belong/],
  ['RequestTimeTooSkewed', 'The difference between', /machine’s clock/],
  ['ExpiredToken', 'The provided token has expired.', /The session has expired/],
])('a refusal by %s (%s) comes with a next step', (name, message, expected) => {
  expect(explain(name, message)).toMatch(expected);
});

it('an archived object is refused with its storage class and how to restore it', () => {
  expect(explain('InvalidObjectState', 'not valid', { StorageClass: 'DEEP_ARCHIVE' })).toMatch(
    /^backup-archived: a.dump in acme is in the storage class DEEP_ARCHIVE and cannot be read .* \/ Restore it first \(takes up to 12 hours\): `aws s3api restore-object --bucket acme --key a.dump --restore-request Days=2`;/,
  );
  const tier = { StorageClass: 'INTELLIGENT_TIERING', AccessTier: 'ARCHIVE_ACCESS' };
  expect(explain('InvalidObjectState', 'not valid', tier)).toContain('the storage class ARCHIVE_ACCESS');
});

it('a KMS failure is not a bad request despite its status', () => {
  expect(explain('KMS.NotFoundException', 'no such key', {}, 400)).toMatch(
    /^source-denied: .*the KMS key that encrypts it/,
  );
});

it('an unreadable 200 response is reported as not coming from an object store', () => {
  expect(explain('Error', '@aws-sdk XML parse error: mismatched tags', {}, 200)).toMatch(
    /^source-failed: https:\/\/s3 answered GetObject of a.dump in acme with something that does not come from an object store/,
  );
});
