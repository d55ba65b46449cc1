import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BackupSource } from '../../../../src/backup/source.ts';
import { failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';
import { type LocalStore, startLocalStore } from './local-store.ts';

const LISTING =
  '<ListBucketResult><Name>acme</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>a.dump</Key><Size>4</Size><LastModified>2026-01-31T02:30:00Z</LastModified><ETag>"one"</ETag></Contents></ListBucketResult>';
const REFUSAL = '<Error><Code>AccessDenied</Code><Message>Bucket is a Requester Pays bucket</Message></Error>';
const TAGS = '<Tagging><TagSet></TagSet></Tagging>';

let store: LocalStore;
let source: BackupSource | undefined;

/** A bucket that answers only requests that agree to pay. */
beforeEach(async () => {
  store = await startLocalStore((request, response) => {
    if (request.headers['x-amz-request-payer'] !== 'requester') response.writeHead(403).end(REFUSAL);
    else if (isRead(request))
      response.writeHead(206, { etag: '"one"', 'content-length': '4', 'content-range': 'bytes 0-3/4' }).end('data');
    else response.writeHead(200).end(request.url?.includes('tagging') ? TAGS : LISTING);
  });
});

afterEach(async () => {
  source?.close();
  await store.close();
});

function isRead({ url = '' }: IncomingMessage): boolean {
  return url.startsWith('/acme/a.dump') && !url.includes('tagging');
}

async function open(requestPayer: boolean | undefined): Promise<BackupSource> {
  source = await store.open({ requestPayer });
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
