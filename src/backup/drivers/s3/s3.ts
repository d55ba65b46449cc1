import { dirname } from 'node:path';
import { expandable, flag, secret } from '../../../config/fields.ts';
import { keySchema } from '../../../config/key-schema.ts';
import type { KeySpec } from '../../decryption/key-spec.ts';
import { defineSource, type SourceReading } from '../../source-driver.ts';
import { describeBucket, type S3Role, type S3Spec } from './s3-spec.ts';

const CREDENTIALS = ['accessKeyId', 'secretAccessKey'];

export const s3 = defineSource({
  type: 's3',
  schemes: ['s3://'],
  title: 'an S3 bucket',
  example: 's3://BUCKET/PREFIX/',
  usage: ['`s3://BUCKET/PREFIX/`'],
  keys: {
    endpoint: expandable('the URL of an S3-compatible store')
      .optional()
      .describe('S3-compatible store to use instead of AWS: `https://s3.example.com`. `${NAME}` is replaced.'),
    region: expandable('a region such as eu-central-1')
      .optional()
      .describe('Default: what the AWS SDK finds. `${NAME}` is replaced.'),
    forcePathStyle: flag()
      .optional()
      .describe('Address buckets as `endpoint/bucket` instead of `bucket.endpoint`; most self-hosted stores need it.'),
    profile: expandable('the name of a profile')
      .optional()
      .describe('Profile of the AWS configuration files to take credentials from. `${NAME}` is replaced.'),
    requestPayer: flag()
      .optional()
      .describe(
        'Agree to pay for requests and transfer, as a Requester Pays bucket of another account requires. Each drill reads the whole backup.',
      ),
    sseCustomerKey: keySchema()
      .optional()
      .describe(
        'The key that the objects were stored with, if the store encrypts them with a customer-provided key (SSE-C): 32 bytes in base64, or 64 hexadecimal digits.',
      ),
    roleArn: expandable('the ARN of a role')
      .optional()
      .describe(
        'A role to assume (STS) with the credentials below, or those that the AWS SDK finds: `arn:aws:iam::123456789012:role/drills`. `${NAME}` is replaced.',
      ),
    externalId: expandable('an external id')
      .optional()
      .describe('The `sts:ExternalId` that the role’s trust policy requires. `${NAME}` is replaced.'),
    stsEndpoint: expandable('the URL of an STS')
      .optional()
      .describe('The STS endpoint. Default: `endpoint` if it is set, else the AWS endpoint. `${NAME}` is replaced.'),
    accessKeyId: secret()
      .optional()
      .describe('Replaces the SDK’s credential chain: `${NAME}` or `{ file: PATH }`, never the key itself.'),
    secretAccessKey: secret()
      .optional()
      .describe('Required with `accessKeyId`: `${NAME}` or `{ file: PATH }`, never the secret itself.'),
  },
  texts: ['endpoint', 'region', 'profile', 'roleArn', 'externalId', 'stsEndpoint'],
  secrets: CREDENTIALS,
  setup: { key: 'endpoint', ask: 'Endpoint of the S3-compatible store (empty: AWS)', with: { forcePathStyle: true } },
  credentials: ['profile', 'accessKeyId', 'secretAccessKey', 'roleArn', 'externalId', 'stsEndpoint'],
  traits: { atomicObjects: true, keepsVersions: true, locksObjects: true },
  adviseOnScheme: (scheme) =>
    /^https?:/i.test(scheme) ? 'the URL of an S3-compatible store goes into backup.endpoint' : undefined,
  parse(url, reading): S3Spec | undefined {
    const endpoint = reading.text('endpoint');
    const problem = endpoint === undefined ? undefined : explainEndpoint(endpoint);
    if (problem) reading.report('endpoint', problem);
    const [unpaired, ...others] = CREDENTIALS.filter((key) => reading.has(key));
    if (unpaired && others.length === 0) {
      const [missing] = CREDENTIALS.filter((key) => key !== unpaired);
      reading.report(
        unpaired,
        `must be set together with ${missing}; leave both out to use the SDK’s own credential chain`,
      );
    }
    const accessKeyId = reading.text('accessKeyId');
    const secretAccessKey = reading.text('secretAccessKey');
    const role = parseRole(reading);
    const location = parseUrl(url, reading);
    const customerKey = reading.value('sseCustomerKey') as KeySpec | undefined;
    return (
      location && {
        type: 's3',
        ...location,
        endpoint,
        region: reading.text('region'),
        forcePathStyle: reading.flag('forcePathStyle'),
        profile: reading.text('profile'),
        requestPayer: reading.flag('requestPayer'),
        role,
        sseCustomerKey: customerKey && { key: customerKey, directory: dirname(reading.drillFile) },
        credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
      }
    );
  },
  describe: (spec) => describeBucket(spec),
  forRecord({ credentials, sseCustomerKey, ...rest }) {
    return { ...rest, sseCustomerKey: sseCustomerKey?.key, credentials: credentials ? 'explicit' : undefined };
  },
  siblings: async (spec, { onRequest }, signal) =>
    (await import('./s3-siblings.ts')).findS3Siblings(spec, onRequest, signal),
  open: async (spec, context) => (await import('./s3-source.ts')).openS3Source(spec, undefined, context),
});

function parseUrl(url: string, { report }: SourceReading): { bucket: string; prefix: string } | undefined {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(url) ?? [];
  if (bucket.includes('@') || bucket.includes(':')) {
    report(
      'url',
      'must not hold credentials or a port; name the bucket only, and use backup.accessKeyId, backup.secretAccessKey and backup.endpoint',
    );
    return undefined;
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket)) {
    report('url', `has no valid bucket name; must be s3://BUCKET/PREFIX/, not ${JSON.stringify(url)}`);
    return undefined;
  }
  return { bucket, prefix: rest === '' || rest.endsWith('/') ? rest : `${rest}/` };
}

function parseRole(reading: SourceReading): S3Role | undefined {
  const arn = reading.text('roleArn');
  const stsEndpoint = reading.text('stsEndpoint');
  if (!reading.has('roleArn'))
    for (const key of ['externalId', 'stsEndpoint'])
      if (reading.has(key)) reading.report(key, 'must be set together with roleArn');
  const problem = stsEndpoint === undefined ? undefined : explainEndpoint(stsEndpoint);
  if (problem) reading.report('stsEndpoint', problem);
  if (arn === undefined) return undefined;
  if (!/^arn:[\w-]+:iam::[^:\s]*:role\/\S+$/.test(arn))
    reading.report(
      'roleArn',
      `must be the ARN of a role such as arn:aws:iam::123456789012:role/drills, not ${JSON.stringify(arn)}`,
    );
  return { arn, externalId: reading.text('externalId'), stsEndpoint: stsEndpoint ?? reading.text('endpoint') };
}

function explainEndpoint(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return `must be a URL such as https://s3.example.com, not ${JSON.stringify(endpoint)}`;
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '')
    return 'must not hold credentials; use backup.accessKeyId and backup.secretAccessKey';
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `must begin with https:// or http://, not ${JSON.stringify(endpoint)}`;
  return undefined;
}
