import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import type { BackupSource } from '../../../../src/backup/source.ts';
import { failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';

const LISTING =
  '<ListBucketResult><Name>acme</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>a.dump</Key><Size>4</Size><LastModified>2026-01-31T02:30:00Z</LastModified><ETag>"one"</ETag></Contents></ListBucketResult>';
const REFUSAL = '<Error><Code>AccessDenied</Code><Message>Bucket is a Requester Pays bucket</Message></Error>';
const TAGS = '<Tagging><TagSet></TagSet></Tagging>';

let server: Server;
let source: BackupSource | undefined;

/** A bucket that answers only those who agree to pay. */
beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.headers['x-amz-request-payer'] !== 'requester') response.writeHead(403).end(REFUSAL);
    else if (isRead(request))
      response.writeHead(206, { etag: '"one"', 'content-length': '4', 'content-range': 'bytes 0-3/4' }).end('data');
    else response.writeHead(200).end(request.url?.includes('tagging') ? TAGS : LISTING);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  source?.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function isRead({ url = '' }: IncomingMessage): boolean {
  return url.startsWith('/acme/a.dump') && !url.includes('tagging');
}

async function open(requestPayer: boolean | undefined): Promise<BackupSource> {
  const address = server.address();
  source = await openS3Source({
    type: 's3',
    bucket: 'acme',
    prefix: '',
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    region: 'us-east-1',
    forcePathStyle: true,
    profile: undefined,
    requestPayer,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  return source;
}

it('agrees to pay in each request when the drill says so', async () => {
  const paying = await open(true);
  const object = must((await listAll(paying))[0]);
  expect(await paying.readTags(object, never())).toEqual({});
  expect(String(await readAll(paying, object))).toBe('data');
});

it.each([undefined, false])('does not agree to pay with requestPayer: %s, and says how to', async (requestPayer) => {
  const error = await failure(listAll(await open(requestPayer)));
  expect(error).toMatchObject({ code: 'source-denied', hint: expect.stringContaining('requestPayer: true') });
});
