import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BackupSource, StoredObject } from '../../src/backup/source.ts';
import { DrillError } from '../../src/support/errors.ts';

/** A store that the contract is tested on. Each test has its own space in it. */
export interface SourceHarness {
  /** An empty place for backups, opened at `prefix` below it. */
  space(prefix?: string): Promise<SourceSpace>;
  /** A source whose bucket or directory does not exist. */
  missing(): Promise<BackupSource>;
  /** Fails if a file or socket of the sources is still open. */
  assertNothingOpen(): Promise<void>;
  dispose(): Promise<void>;
  /** Whether the store itself refuses to read a replaced object. */
  readonly noticesReplacement: boolean;
}

export interface SourceSpace {
  readonly source: BackupSource;
  put(key: string, body: Buffer): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Tests of what {@link BackupSource} says MUST hold. */
export function describeSourceContract(name: string, open: () => Promise<SourceHarness>): void {
  describe(`${name} as a backup source`, () => {
    let harness: SourceHarness;
    const opened: BackupSource[] = [];
    const space = async (prefix?: string) => {
      const made = await harness.space(prefix);
      opened.push(made.source);
      return made;
    };
    beforeAll(async () => {
      harness = await open();
    });
    afterEach(async () => {
      for (const source of opened.splice(0)) source.close();
      await harness.assertNothingOpen();
    });
    afterAll(async () => harness?.dispose());

    it('lists every object below its prefix with size, time and etag, and nothing else', async () => {
      const { source, put } = await space('orders/');
      await put('orders/a.dump', randomBytes(10));
      await put('orders/2026/b.dump', randomBytes(20));
      await put('other/c.dump', randomBytes(30));
      const objects = await listAll(source);
      const wanted = ['2026/b.dump', 'a.dump'].map((key) => source.prefix + key);
      expect(objects.map(({ key }) => key).sort()).toEqual(wanted);
      expect(objects.map(({ sizeBytes }) => sizeBytes).sort()).toEqual([10, 20]);
      for (const { modifiedAt, etag } of objects) {
        expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(120_000);
        expect(etag).not.toBe('');
      }
    });

    it('resumes a listing after any key, where it supports that', async () => {
      const { source, put } = await space('orders/');
      if (!source.listAfter) return;
      const names = ['a-b/1', 'a.dump', 'a/1', 'a/2/x', 'a0', 'b/1'];
      for (const name of names) await put(`orders/${name}`, randomBytes(3));
      const keys = (await listAll(source)).map(({ key }) => key);
      expect(keys).toHaveLength(names.length);
      for (const [index, key] of keys.entries()) {
        const rest: string[] = [];
        for await (const object of source.listAfter(key, new AbortController().signal)) rest.push(object.key);
        expect(rest).toEqual(keys.slice(index + 1));
      }
    });

    it('lists nothing below an empty prefix', async () => {
      const { source } = await space();
      expect(await listAll(source)).toEqual([]);
    });

    it('reads exactly the bytes of a range', async () => {
      const { source, put } = await space();
      const body = randomBytes(300_000);
      await put('a.dump', body);
      const [object] = await listAll(source);
      for (const [start, end] of [
        [0, 300_000],
        [0, 1],
        [299_999, 300_000],
        [65_535, 200_001],
      ] as const) {
        const read = await buffer(await source.read(must(object), { start, end }, never()));
        expect(read.equals(body.subarray(start, end))).toBe(true);
      }
    });

    it('returns source-missing with a hint when the bucket or directory does not exist', async () => {
      const source = await harness.missing();
      opened.push(source);
      const error = await failure(listAll(source));
      expect(error.code).toBe('source-missing');
      expect(error.hint).toMatch(/\.$/);
    });

    it('returns backup-changed when the object was deleted after listing', async () => {
      const { source, put, remove } = await space();
      await put('a.dump', randomBytes(1000));
      const [object] = await listAll(source);
      await remove('a.dump');
      const error = await failure(readAll(source, must(object)));
      expect(error.code).toBe('backup-changed');
      expect(error.message).toContain('a.dump');
    });

    it('returns backup-changed when the object was replaced after listing', async ({ skip }) => {
      skip(!harness.noticesReplacement, 'this store ignores If-Match');
      const { source, put } = await space();
      await put('a.dump', randomBytes(1000));
      const [object] = await listAll(source);
      await put('a.dump', randomBytes(1000));
      expect((await failure(readAll(source, must(object)))).code).toBe('backup-changed');
    });

    it('stops at once when the signal aborts during a read, leaving nothing open', async () => {
      const { source, put } = await space();
      await put('a.dump', randomBytes(4_000_000));
      const [object] = await listAll(source);
      const abort = new AbortController();
      const stream = await source.read(must(object), { start: 0, end: 4_000_000 }, abort.signal);
      const closed = closedBy(stream);
      abort.abort(new DrillError('interrupted', 'stopped by the test'));
      expect((await closed)?.message).toBe('stopped by the test');
    });

    it('leaves nothing open when a stream is destroyed halfway', async () => {
      const { source, put } = await space();
      await put('a.dump', randomBytes(4_000_000));
      const [object] = await listAll(source);
      const stream = await source.read(must(object), { start: 0, end: 4_000_000 }, never());
      const closed = closedBy(stream);
      stream.destroy();
      await closed;
    });

    it('does not start when the signal has already aborted', async () => {
      const { source, put } = await space();
      await put('a.dump', randomBytes(10));
      const [object] = await listAll(source);
      const aborted = AbortSignal.abort(new Error('too late'));
      await expect(listAll(source, aborted)).rejects.toThrow('too late');
      await expect(source.read(must(object), { start: 0, end: 10 }, aborted)).rejects.toThrow('too late');
    });

    it('returns no tags for an object without tags', async ({ skip }) => {
      skip(!harness.noticesReplacement, 'this store knows no tags');
      const { source, put } = await space();
      await put('a.dump', randomBytes(10));
      const [object] = await listAll(source);
      expect(await source.readTags(must(object), never())).toEqual({});
    });
  });
}

export async function listAll(source: BackupSource, signal: AbortSignal = never()): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of source.list(signal)) objects.push(object);
  return objects;
}

export async function readAll(source: BackupSource, object: StoredObject): Promise<Buffer> {
  return buffer(await source.read(object, { start: 0, end: object.sizeBytes }, never()));
}

/** The DrillError with which a promise rejects. */
export async function failure(promise: Promise<unknown>): Promise<DrillError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof DrillError) return outcome;
  throw new Error('expected a DrillError', { cause: outcome });
}

export function never(): AbortSignal {
  return new AbortController().signal;
}

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value');
  return value;
}

function closedBy(stream: Readable): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let failed: Error | undefined;
    stream.once('error', (error) => {
      failed = error;
    });
    stream.once('close', () => resolve(failed));
  });
}
