import { randomBytes } from 'node:crypto';
import { PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import { locateBackup } from '../../../../src/backup/selection/locate-backup.ts';
import type { BackupSource } from '../../../../src/backup/source.ts';
import { failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';
import { s3Spec } from '../../../support/object-store.ts';
import type { Radosgw } from '../../../support/radosgw.ts';

/** Earlier versions and objects that are encrypted with the customer's key, in a real store. */
export function describeVersionsAndKeys(store: () => Radosgw): void {
  describe('versions of backups', () => {
    const locate = (source: BackupSource, asOf: Date) =>
      locateBackup(
        source,
        { match: '*.dump', select: { by: 'latest' }, asOf, takenAt: 'modified', layouts: [] },
        new Date(),
        'seed',
        never(),
      );

    it('are read as they were before they were replaced or deleted', async () => {
      await store().createBucket('past');
      const send = store().client.send.bind(store().client);
      await send(new PutBucketVersioningCommand({ Bucket: 'past', VersioningConfiguration: { Status: 'Enabled' } }));
      await store().put('past', 'orders/orders-1.dump', 'first');
      await store().put('past', 'orders/orders-2.dump', 'deleted later');
      const source = await openS3Source(s3Spec(store(), 'past', { prefix: 'orders/' }));
      const stored = (await listAll(source)).map(({ modifiedAt }) => modifiedAt.getTime());
      const then = new Date(Math.max(...stored));
      await nextSecond(then);
      await store().put('past', 'orders/orders-1.dump', 'second, and longer');
      await store().remove('past', 'orders/orders-2.dump');

      const { backup, warnings } = await locate(source, then);
      expect(warnings).toEqual([expect.stringMatching(/, 1 deleted and 1 replaced of the objects there$/)]);
      expect(String(await readAll(source, must(backup.objects[0])))).toMatch(/^first$|^deleted later$/);
      const versions = [];
      for await (const version of source.listVersions?.(never()) ?? []) versions.push(version);
      const first = must(versions.find(({ key, isLatest }) => key === 'orders/orders-1.dump' && !isLatest));
      expect(String(await readAll(source, first))).toBe('first');
      expect(await source.readTags(first, never())).toEqual({});
      source.close();
    });

    it('do not exist in a bucket without versioning, which a warning says', async () => {
      await store().createBucket('no-past');
      await store().put('no-past', 'a.dump', 'x');
      const source = await openS3Source(s3Spec(store(), 'no-past'));
      const { warnings } = await locate(source, new Date());
      expect(warnings).toEqual([expect.stringContaining('holds no earlier version')]);
      source.close();
    });
  });

  describe('backups that are encrypted with the customer’s key (SSE-C)', () => {
    const key = randomBytes(32);
    beforeAll(async () => {
      await store().configure('rgw_crypt_require_ssl', 'false');
      await store().createBucket('sse-c');
      await store().client.send(
        new PutObjectCommand({
          Bucket: 'sse-c',
          Key: 'a.dump',
          Body: 'secret backup',
          SSECustomerAlgorithm: 'AES256',
          SSECustomerKey: key.toString('base64'),
        }),
      );
      await store().put('sse-c', 'plain.dump', 'plain backup');
    });

    const open = (text: string | undefined) => {
      const sseCustomerKey = text === undefined ? undefined : { key: { env: 'SSE_KEY' }, directory: '/' };
      const readKey = async () => ({ name: 'the variable SSE_KEY', text: text ?? '' });
      return openS3Source(s3Spec(store(), 'sse-c', { sseCustomerKey }), undefined, { readKey });
    };
    const read = async (text: string | undefined, name = 'a.dump') => {
      const source = await open(text);
      try {
        const object = must((await listAll(source)).find((one) => one.key === name));
        return String(await readAll(source, object));
      } finally {
        source.close();
      }
    };

    it('are read with their key, in base64 or hexadecimal, and other objects without it', async () => {
      expect(await read(key.toString('base64'))).toBe('secret backup');
      expect(await read(key.toString('hex'))).toBe('secret backup');
      expect(await read(key.toString('base64'), 'plain.dump')).toBe('plain backup');
    });

    it('are refused with another key, without a key, and with an invalid key, each in its own words', async () => {
      const wrong = await failure(read(randomBytes(32).toString('base64')));
      expect(wrong).toMatchObject({ code: 'key-wrong', message: expect.stringContaining('refuses to decrypt a.dump') });
      const none = await failure(read(undefined));
      expect(none).toMatchObject({ code: 'backup-encrypted', hint: expect.stringContaining('sseCustomerKey') });
      const short = await failure(read('hunter2'));
      expect(short).toMatchObject({ code: 'key-wrong', message: expect.stringContaining('has 7 characters') });
      expect(short.message).not.toContain('hunter2');
    });
  });
}

/** Stores report whole seconds, so that the next write has to happen in a later one. */
async function nextSecond(after: Date): Promise<void> {
  const ms = after.getTime() + 1000 - Date.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
