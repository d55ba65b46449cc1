import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import type { S3Role, S3Spec } from '../../../../src/backup/drivers/s3/s3-spec.ts';
import type { BackupSource } from '../../../../src/backup/source.ts';
import { failure, listAll, never } from '../../../contracts/source-contract.ts';

const ROLE = 'arn:aws:iam::123456789012:role/drills';
const LISTING =
  '<ListBucketResult><Name>acme</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>';
const REFUSAL = '<Error><Code>AccessDenied</Code><Message>who are you</Message></Error>';

let server: Server;
let endpoint: string;
let directory: string;
/** Requests to the STS, in order. */
let asked: Record<string, string>[];
let source: BackupSource | undefined;

/** A store that answers only a role, and its STS, which issues that role to clients that know the external id. */
beforeEach(async () => {
  asked = [];
  directory = await mkdtemp(join(tmpdir(), 'firedrill-role-'));
  server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      const isRole = request.headers['x-amz-security-token'] === 'session-token';
      response.writeHead(isRole ? 200 : 403).end(isRole ? LISTING : REFUSAL);
      return;
    }
    const form = Object.fromEntries(new URLSearchParams(await text(request as IncomingMessage)));
    asked.push({ ...form, authorization: request.headers.authorization ?? '' });
    const { Action = '', ExternalId, WebIdentityToken } = form;
    const isKnown = Action === 'AssumeRole' ? ExternalId === 'drills-1' : WebIdentityToken === 'a-token';
    response.writeHead(isKnown ? 200 : 403).end(isKnown ? answerOf(Action) : stsRefusal());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});

afterEach(async () => {
  source?.close();
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

function answerOf(action: string): string {
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>session-token</SessionToken><Expiration>${expiration}</Expiration></Credentials></${action}Result></${action}Response>`;
}

function stsRefusal(): string {
  return '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>';
}

async function open(role: Partial<S3Role> | undefined, changes: Partial<S3Spec> = {}): Promise<BackupSource> {
  source = await openS3Source({
    type: 's3',
    bucket: 'acme',
    prefix: '',
    endpoint,
    region: 'eu-central-1',
    forcePathStyle: true,
    profile: undefined,
    credentials: { accessKeyId: 'AKIADRILL', secretAccessKey: 'secret' },
    role: role && { arn: ROLE, externalId: 'drills-1', stsEndpoint: endpoint, ...role },
    ...changes,
  });
  return source;
}

describe('a role', () => {
  it('is assumed once with the credentials of the drill, and used to read', async () => {
    const reading = await open({});
    expect(await listAll(reading)).toEqual([]);
    expect(await listAll(reading)).toEqual([]);
    expect(asked).toMatchObject([
      { Action: 'AssumeRole', RoleArn: ROLE, RoleSessionName: 'firedrill', ExternalId: 'drills-1' },
    ]);
    expect(asked[0]?.['authorization']).toContain('AKIADRILL');
    expect(await reading.principal?.(never())).toBe(`role ${ROLE}`);
  });

  it('that is refused is reported as such, not as a bucket that denies access', async () => {
    const error = await failure(listAll(await open({ externalId: undefined })));
    expect(error).toMatchObject({
      code: 'source-credentials',
      message: expect.stringMatching(
        /^the role arn:aws:iam::123456789012:role\/drills could not be assumed \(AccessDenied\)/,
      ),
      hint: expect.stringContaining('trust policy'),
    });
  });

  it('whose STS does not answer is reported as such', async () => {
    const error = await failure(listAll(await open({ stsEndpoint: 'http://127.0.0.1:9' })));
    expect(error).toMatchObject({ code: 'source-unreachable', message: expect.stringContaining('http://127.0.0.1:9') });
  });

  it('of a web identity is assumed by the SDK from its environment, as in an EKS pod', async () => {
    const token = join(directory, 'token');
    await writeFile(token, 'a-token');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', token);
    vi.stubEnv('AWS_ROLE_ARN', ROLE);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', endpoint);
    vi.stubEnv('AWS_CONFIG_FILE', join(directory, 'none'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(directory, 'none'));
    expect(await listAll(await open(undefined, { credentials: undefined }))).toEqual([]);
    expect(asked).toMatchObject([{ Action: 'AssumeRoleWithWebIdentity', RoleArn: ROLE }]);
    source?.close();

    expect(await listAll(await open({}, { credentials: undefined }))).toEqual([]);
    expect(asked.map(({ Action }) => Action).slice(1)).toEqual(['AssumeRoleWithWebIdentity', 'AssumeRole']);
  });
});
