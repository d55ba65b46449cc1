import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BackupSource } from '../../../../src/backup/source.ts';
import { failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';
import { type LocalStore, startLocalStore } from './local-store.ts';

const error = (code: string, message: string) => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const WHOLE = [206, 'data', { etag: '"one"', 'content-range': 'bytes 0-3/4' }] as const;
const SSE_KEY = Buffer.alloc(32, 7).toString('base64');

type Answer = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>];

let store: LocalStore;
let source: BackupSource | undefined;
let storageClass: string;
let methods: string[];
let answer: (method: string, headers: IncomingHttpHeaders) => Answer;

/** A store that answers as AWS does, for cases that no local store supports. */
beforeEach(async () => {
  storageClass = 'STANDARD';
  methods = [];
  store = await startLocalStore(({ method = '', url = '', headers }, response) => {
    if (!url.startsWith('/acme/a.dump')) {
      response.end(
        `<ListBucketResult><Name>acme</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>a.dump</Key><Size>4</Size><LastModified>2026-01-31T02:30:00Z</LastModified><ETag>"one"</ETag><StorageClass>${storageClass}</StorageClass></Contents></ListBucketResult>`,
      );
      return;
    }
    methods.push(method);
    const [status, body, more] = answer(method, headers);
    response.writeHead(status, more).end(method === 'HEAD' ? undefined : body);
  });
});

afterEach(async () => {
  source?.close();
  await store.close();
});

async function open(hasKey = false): Promise<BackupSource> {
  source = await store.open(
    { sseCustomerKey: hasKey ? { key: { env: 'SSE_KEY' }, directory: '/' } : undefined },
    { readKey: async () => ({ name: 'the variable SSE_KEY', text: SSE_KEY }) },
  );
  return source;
}

const checkReadable = async (hasKey = false) => {
  const reading = await open(hasKey);
  return must(reading.checkReadable).call(reading, await listAll(reading), never());
};
const read = async (hasKey: boolean) => {
  const reading = await open(hasKey);
  return String(await readAll(reading, must((await listAll(reading))[0])));
};

it.each([
  ['GLACIER', {}, /cannot be read before it is restored/],
  ['DEEP_ARCHIVE', { 'x-amz-restore': 'ongoing-request="true"' }, /is being restored/],
  ['INTELLIGENT_TIERING', { 'x-amz-archive-status': 'ARCHIVE_ACCESS' }, /ARCHIVE_ACCESS/],
])('an object in %s with %j is refused before it is read', async (kept, headers, told) => {
  storageClass = kept;
  answer = () => [200, '', { 'x-amz-storage-class': kept, ...headers }];
  expect(await failure(checkReadable())).toMatchObject({
    code: 'backup-archived',
    message: expect.stringMatching(told),
  });
  expect(methods).toEqual(['HEAD']);
});

it('an object of another class is not inspected', async () => {
  expect(await checkReadable()).toEqual([]);
  expect(methods).toEqual([]);
});

it('an object that was deleted since it was listed is reported as hidden by a delete marker', async () => {
  answer = () => [404, error('NoSuchKey', 'no'), { 'x-amz-delete-marker': 'true' }];
  const told = await failure(read(false));
  expect(told).toMatchObject({ code: 'backup-changed', message: expect.stringContaining('a delete marker hides it') });
});

it('an object that was stored without the customer’s key is read without it', async () => {
  answer = (_, headers) =>
    headers['x-amz-server-side-encryption-customer-key'] === undefined
      ? WHOLE
      : [400, error('InvalidRequest', 'The encryption parameters are not applicable to this object.')];
  expect(await read(true)).toBe('data');
});

it('an archived object that was stored without the customer’s key is recognised without it', async () => {
  storageClass = 'GLACIER';
  answer = (_, headers) =>
    headers['x-amz-server-side-encryption-customer-key'] === undefined
      ? [200, '', { 'x-amz-storage-class': 'GLACIER' }]
      : [400, ''];
  expect((await failure(checkReadable(true))).code).toBe('backup-archived');
  expect(methods).toEqual(['HEAD', 'HEAD']);
});

it.each([
  [
    'key-wrong',
    [
      400,
      error(
        'InvalidRequest',
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
      ),
    ],
  ],
  ['source-denied', [403, error('AccessDenied', 'Access Denied')]],
] as const)(
  'a bare denial with the customer’s key is %s, depending on the response without it',
  async (code, without) => {
    answer = (_, headers) =>
      headers['x-amz-server-side-encryption-customer-key'] === undefined
        ? without
        : [403, error('AccessDenied', 'Access Denied')];
    expect((await failure(read(true))).code).toBe(code);
  },
);
