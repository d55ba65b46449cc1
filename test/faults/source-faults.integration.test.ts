import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { S3Deps } from '../../src/backup/drivers/s3/s3-requests.ts';
import { openS3Source } from '../../src/backup/drivers/s3/s3-source.ts';
import type { S3Spec } from '../../src/backup/drivers/s3/s3-spec.ts';
import { readRanged } from '../../src/backup/reading/ranged-read.ts';
import type { BackupSource, StoredObject } from '../../src/backup/source.ts';
import { systemClock } from '../../src/support/clock.ts';
import type { StoreRequest } from '../../src/support/store-request.ts';
import { failure, listAll, must, never, readAll } from '../contracts/source-contract.ts';
import { type Fault, type FaultProxy, type SeenRequest, startFaultProxy } from '../support/fault-proxy.ts';
import { type ObjectStore, s3Spec, startObjectStore } from '../support/object-store.ts';

const BODY = randomBytes(1_000_000);
const slowDown: Fault = { kind: 'answer', status: 503, code: 'SlowDown' };

describe('a store that misbehaves', () => {
  let store: ObjectStore;
  let proxy: FaultProxy;
  let waitedMs: number[];
  let requests: StoreRequest[];

  beforeAll(async () => {
    store = await startObjectStore();
    await store.createBucket('acme');
    await store.put('acme', 'a.dump', BODY);
    proxy = await startFaultProxy(store.endpoint);
  });
  beforeEach(() => {
    waitedMs = [];
    requests = [];
    proxy.decide = () => undefined;
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  const deps = (): S3Deps => ({
    clock: systemClock,
    delay: async (ms) => {
      waitedMs.push(ms);
    },
    random: () => 0.5,
    stallMs: 5000,
    answerMs: 5000,
    idleMs: 4000,
  });
  const open = async (changes: Partial<S3Spec> = {}, own: Partial<S3Deps> = {}): Promise<BackupSource> =>
    openS3Source(
      s3Spec(store, 'acme', { endpoint: proxy.endpoint, ...changes }),
      { ...deps(), ...own },
      {
        onRequest: (request) => requests.push(request),
      },
    );
  const openObject = async (own: Partial<S3Deps> = {}): Promise<{ source: BackupSource; object: StoredObject }> => {
    const source = await open({}, own);
    const [object] = await listAll(source);
    return { source, object: must(object) };
  };
  /** Applies the faults to the GETs of the object in order, and then none. */
  const onReads = (...faults: (Fault | undefined)[]) => {
    const reads: SeenRequest[] = [];
    proxy.decide = (request) => {
      if (!request.url.includes('a.dump')) return undefined;
      return faults[reads.push(request) - 1];
    };
    return reads;
  };

  it('has unused connections closed before it closes them itself', async () => {
    const source = await open({}, { idleMs: 20 });
    await listAll(source);
    await proxy.idle();
    await source.close();
  });

  it('may take longer for an answer than an idle connection may last', async () => {
    const { source, object } = await openObject({ idleMs: 20 });
    const answer = Promise.withResolvers<void>();
    const reads = onReads({ kind: 'hold', until: answer.promise });
    const reading = readAll(source, object);
    await using other = await startFaultProxy(store.endpoint);
    const beside = await open({ endpoint: other.endpoint }, { idleMs: 20 });
    await listAll(beside);
    await other.idle();
    answer.resolve();
    expect((await reading).equals(BODY)).toBe(true);
    expect(reads).toHaveLength(1);
    await beside.close();
    await source.close();
  });

  it('is retried after SlowDown with growing delays, and each attempt is reported', async () => {
    const { source, object } = await openObject();
    onReads(slowDown, slowDown, slowDown);
    expect((await readAll(source, object)).equals(BODY)).toBe(true);
    expect(waitedMs).toEqual([150, 300, 600]);
    const read = { endpoint: proxy.endpoint, operation: 'GetObject', key: 'a.dump' };
    const throttled = { ...read, status: 503, outcome: 'throttled', said: 'SlowDown: made by the test' };
    expect(requests).toMatchObject([
      { operation: 'ListObjectsV2', key: undefined, status: 200, attempt: 1, outcome: 'answered', said: undefined },
      ...[1, 2, 3].map((attempt) => ({ ...throttled, attempt })),
      { ...read, status: 206, attempt: 4, outcome: 'answered' },
    ]);
    expect(source.requestCount?.()).toBe(5);
    source.close();
  });

  it('fails after five attempts, with its request ids', async () => {
    const { source, object } = await openObject();
    onReads(slowDown, slowDown, slowDown, slowDown, slowDown);
    const error = await failure(readAll(source, object));
    expect(error.code).toBe('source-failed');
    expect(error.message).toBe('GetObject of a.dump in acme failed after 5 attempts: 503 SlowDown: made by the test');
    expect(error.details).toEqual(['request id proxy-1', 'extended request id proxy-2']);
    expect(requests.at(-1)).toMatchObject({
      status: 503,
      attempt: 5,
      requestIds: { 'x-amz-request-id': 'proxy-1', 'x-amz-id-2': 'proxy-2' },
    });
    source.close();
  });

  it('is asked for the rest, from the byte where the connection broke', async () => {
    const { source, object } = await openObject();
    const reads = onReads({ kind: 'cut', afterBytes: 300_000 }, { kind: 'truncate', afterBytes: 200_000 });
    expect((await readAll(source, object)).equals(BODY)).toBe(true);
    const starts = reads.map(({ headers }) => Number(/bytes=(\d+)-999999/.exec(String(headers['range']))?.[1]));
    expect(starts).toHaveLength(3);
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThan(0); // a reset may lose data still in the kernel's buffers
    expect(starts[2]).toBe((starts[1] ?? 0) + 200_000);
    const outcomes = requests.filter(({ operation }) => operation === 'GetObject').map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['cut', 'cut', 'answered']);
    source.close();
  });

  it('gets a new set of attempts after each cut that follows progress', async () => {
    const { source, object } = await openObject();
    onReads(...Array.from({ length: 12 }, (): Fault => ({ kind: 'truncate', afterBytes: 50_000 })));
    expect((await readAll(source, object)).equals(BODY)).toBe(true);
    source.close();
  });

  it('causes a failure when it cuts each connection before the first byte', async () => {
    const { source, object } = await openObject();
    onReads(...Array.from({ length: 9 }, (): Fault => ({ kind: 'truncate', afterBytes: 0 })));
    const error = await failure(readAll(source, object));
    expect(error.code).toBe('source-failed');
    expect(error.message).toContain('5 attempts');
    source.close();
  });

  it('is retried when a connection stalls', async () => {
    const { source, object } = await openObject({ stallMs: 50 });
    onReads({ kind: 'stall' });
    expect((await readAll(source, object)).equals(BODY)).toBe(true);
    source.close();
  });

  it('is read in order even if its first part arrives last', async () => {
    const { source, object } = await openObject();
    const release = Promise.withResolvers<void>();
    let others = 0;
    proxy.decide = ({ headers }) => {
      if (String(headers['range']).startsWith('bytes=0-')) return { kind: 'hold', until: release.promise };
      others += 1;
      if (others === 3) release.resolve();
      return undefined;
    };
    const meter = { bytesRead: 0 };
    const stream = readRanged(source, object, { signal: never(), meter, parallel: 4, partBytes: 100_000 });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(BODY)).toBe(true);
    expect(meter.bytesRead).toBe(BODY.length);
    source.close();
  });

  it('fails the whole object with the first cause when one part fails', async () => {
    const { source, object } = await openObject();
    proxy.decide = ({ headers }) =>
      String(headers['range']).startsWith('bytes=300000-')
        ? { kind: 'answer', status: 412, code: 'PreconditionFailed' }
        : undefined;
    const stream = readRanged(source, object, { signal: never(), meter: { bytesRead: 0 }, partBytes: 100_000 });
    const error = await failure(stream.toArray());
    expect(error.code).toBe('backup-changed');
    expect(error.message).toBe('a.dump was replaced since it was listed (412 PreconditionFailed)');
    source.close();
    await proxy.idle();
  });

  it.each([
    [403, 'AccessDenied', 'source-denied', 'Allow s3:ListBucket on this bucket'],
    [403, 'InvalidAccessKeyId', 'source-denied', 'does not know this access key'],
    [403, 'SignatureDoesNotMatch', 'source-denied', 'secret key does not belong'],
    [403, 'RequestTimeTooSkewed', 'source-denied', 'machine’s clock'],
    [404, 'NoSuchBucket', 'source-missing', 'Check the bucket'],
  ])('is understood when it returns %i %s', async (status, code, expected, hint) => {
    const source = await open();
    proxy.decide = () => ({ kind: 'answer', status, code });
    const error = await failure(listAll(source));
    expect(error.code).toBe(expected);
    expect(error.hint).toContain(hint);
    expect(waitedMs).toEqual([]);
    source.close();
  });

  it('is understood when it names the region of the bucket', async () => {
    const source = await open();
    proxy.decide = () => ({
      kind: 'answer',
      status: 301,
      code: 'PermanentRedirect',
      headers: { 'x-amz-bucket-region': 'eu-central-1' },
    });
    const error = await failure(listAll(source));
    expect(error.code).toBe('source-wrong-region');
    expect(error.message).toBe('the bucket acme is not in region us-east-1, it is in eu-central-1');
    expect(error.hint).toBe('Set `region: eu-central-1` in the drill’s backup section.');
    source.close();
  });

  it('is named in the error when nothing listens there', async () => {
    const gone = await startFaultProxy(store.endpoint);
    await gone[Symbol.asyncDispose]();
    const source = await open({ endpoint: gone.endpoint });
    const error = await failure(listAll(source));
    expect(error.code).toBe('source-unreachable');
    expect(error.message).toBe(`${gone.endpoint} does not answer (ECONNREFUSED, 5 attempts)`);
    source.close();
  });

  it('is refused when it returns another range', async () => {
    const { source, object } = await openObject();
    proxy.decide = ({ headers }) => {
      delete headers['range'];
      return undefined;
    };
    const error = await failure(source.read(object, { start: 10, end: 20 }, never()));
    expect(error.code).toBe('source-failed');
    expect(error.message).toBe('a.dump: asked for bytes 10-19/1000000, got the whole');
    source.close();
    await proxy.idle();
  });

  it('has each request reported once, without secrets', async () => {
    const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'not-to-be-told' };
    const source = await open({ credentials });
    const object = must((await listAll(source))[0]);
    for (let start = 0; start < 210; start += 1) {
      for await (const chunk of await source.read(object, { start, end: start + 1 }, never()))
        expect(chunk).toHaveLength(1);
    }
    expect(requests).toHaveLength(211);
    expect(JSON.stringify(requests)).not.toMatch(/not-to-be-told|AKIDTEST|Signature/);
    source.close();
  });

  it('is asked for the pinned content on every read', async () => {
    const { source, object } = await openObject();
    const reads = onReads({ kind: 'truncate', afterBytes: 10 });
    await readAll(source, object);
    expect(reads.map(({ headers }) => headers['if-match'])).toEqual([object.etag, object.etag]);
    source.close();
  });

  it('leaves no open socket when the signal aborts before the response', async () => {
    const { source, object } = await openObject();
    const abort = new AbortController();
    const held = Promise.withResolvers<void>();
    proxy.decide = () => {
      abort.abort(new Error('stopped by the test'));
      return { kind: 'hold', until: held.promise };
    };
    await expect(source.read(object, { start: 0, end: 10 }, abort.signal)).rejects.toThrow('stopped by the test');
    source.close();
    await proxy.idle();
    held.resolve();
  });

  it('stops waiting when the signal aborts during a back-off', async () => {
    const abort = new AbortController();
    const { source, object } = await openObject({
      delay: async () => {
        abort.abort(new Error('stopped by the test'));
        abort.signal.throwIfAborted();
      },
    });
    onReads(slowDown);
    await expect(source.read(object, { start: 0, end: 10 }, abort.signal)).rejects.toThrow('stopped by the test');
    source.close();
  });
});

describe('credentials', () => {
  it('are requested in plain words when missing', async () => {
    await using store = await startObjectStore();
    const before = { ...process.env };
    // Credentials of this machine must not be used instead.
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    process.env['AWS_CONFIG_FILE'] = '/nonexistent';
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/nonexistent';
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) delete process.env[name];
    try {
      const source = await openS3Source(s3Spec(store, 'acme', { credentials: undefined }));
      const error = await failure(listAll(source));
      expect(error.code).toBe('source-credentials');
      expect(error.hint).toContain('Set AWS_ACCESS_KEY_ID');
      const profiled = await openS3Source(s3Spec(store, 'acme', { credentials: undefined, profile: 'night' }));
      expect((await failure(listAll(profiled))).code).toBe('source-credentials');
    } finally {
      process.env = before;
    }
  });
});
