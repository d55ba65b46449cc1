import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readRanged } from '../../src/backup/reading/ranged-read.ts';
import type { BackupSource, StoredObject } from '../../src/backup/source.ts';
import { systemClock } from '../../src/support/clock.ts';
import { type LocalStore, startLocalStore } from '../backup/drivers/s3/local-store.ts';
import { failure, listAll, never } from '../contracts/source-contract.ts';

const OBJECT: StoredObject = { key: 'a.dump', sizeBytes: 100_000, modifiedAt: new Date(0), etag: '"one"' };

let store: LocalStore;
let source: BackupSource;
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  store = await startLocalStore((request, response) => answer(response, request));
  source = await open(30_000);
});

function open(answerMs: number): Promise<BackupSource> {
  const timing = {
    clock: systemClock,
    delay: async () => undefined,
    random: () => 0.5,
    stallMs: 200,
    answerMs,
    idleMs: 4000,
  };
  return store.open({}, undefined, timing);
}

afterEach(async () => {
  source.close();
  await store.close();
});

it.each([
  ['an HTML page', '<!DOCTYPE html><html><head><title>Sign in</title></head><body>a<br>b</body></html>'],
  ['a well-formed HTML page', '<html><body><form name="login"></form></body></html>'],
  ['nothing', ''],
  ['an empty listing without fields', '<?xml version="1.0"?><ListBucketResult></ListBucketResult>'],
  ['JSON', '{"objects": []}'],
  ['half a listing', '<ListBucketResult><Name>acme</Name><IsTruncated>false</IsTruncated><Contents><Key>a'],
])('a store that answers a listing with %s has failed, and no backup is missing', async (_what, body) => {
  answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(body);
  const error = await failure(listAll(source));
  expect(error.code).toBe('source-failed');
  expect(error.message).toMatch(/something that (?:is not a listing|does not come from an object store)/);
  expect(error.hint).toContain('A proxy or a login page');
});

it('a store that never answers a listing is unreachable', async () => {
  answer = () => undefined;
  source.close();
  source = await open(50);
  expect(await failure(listAll(source))).toMatchObject({
    code: 'source-unreachable',
    message: expect.stringContaining('5 attempts'),
  });
});

it('a store that trickles data is canceled, even if each connection makes progress', async () => {
  answer = (response, { headers }) => {
    const start = Number(/\d+/.exec(String(headers['range']))?.[0]);
    const range = { 'content-range': `bytes ${start}-99999/100000`, 'content-length': 100_000 - start };
    response.writeHead(206, { ...range, etag: '"one"' });
    const drip = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(drip));
  };
  const stream = readRanged(source, OBJECT, { signal: never(), meter: { bytesRead: 0 } });
  const error = await failure(stream.toArray());
  expect(error.code).toBe('source-failed');
  expect(error.message).toMatch(
    /^GetObject of a.dump in acme failed after 5 attempts: the connection delivered only \d+ B in 200 ms$/,
  );
});

it.each([
  ['etag', { 'content-range': 'bytes 0-99999/100000', etag: '"two"' }, 'its ETag changed'],
  [
    'size',
    { 'content-range': 'bytes 0-99999/150000', etag: '"one"' },
    'it has 150,000 bytes, and was listed with 100,000',
  ],
])('a store that serves a replaced object despite If-Match is detected by the %s', async (_what, headers, how) => {
  answer = (response) => response.writeHead(206, { ...headers, 'content-length': '100000' }).end(Buffer.alloc(100_000));
  const error = await failure(source.read(OBJECT, { start: 0, end: 100_000 }, never()));
  expect(error.code).toBe('backup-changed');
  expect(error.message).toBe(`a.dump was replaced since it was listed: ${how}`);
});
