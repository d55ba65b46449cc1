import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { explainRclone, isTransient } from '../../../../src/backup/drivers/rclone/rclone-errors.ts';
import { ListingReader, readItem } from '../../../../src/backup/drivers/rclone/rclone-listing.ts';
import { failure } from '../../../contracts/source-contract.ts';

const PLACE = 'rclone:store:orders';

function item(changes: Record<string, unknown>): string {
  return JSON.stringify({ Path: 'a.dump', Size: 5, ModTime: '2026-11-28T11:33:35.5Z', IsDir: false, ...changes });
}

async function list(...lines: string[]) {
  const reader = new ListingReader(PLACE, 'full');
  const keys: string[] = [];
  for await (const { key } of reader.read(Readable.from(lines.map((line) => `${line}\n`)))) keys.push(key);
  reader.requireWhole();
  return keys;
}

describe('a listing by rclone', () => {
  it('has one item per line', async () => {
    expect(await list('[', `${item({})},`, item({ Path: 'sub/b.dump' }), ']')).toEqual(['a.dump', 'sub/b.dump']);
    expect(await list('[', ']')).toEqual([]);
  });

  it.each([
    ['nothing', []],
    ['an HTML page', ['<html>']],
    ['no end', ['[', item({})]],
    ['text after its end', ['[', ']', item({})]],
    ['half an item', ['[', '{"Path":"a', ']']],
    ['an item without a name', ['[', item({ Path: '' }), ']']],
    ['a name that leads out of the directory', ['[', item({ Path: '../secret' }), ']']],
    ['an item without a modification time', ['[', item({ ModTime: 'yesterday' }), ']']],
    ['an item of unknown size', ['[', item({ Size: -1 }), ']']],
  ])('with %s is source-failed, with a hint', async (_, lines) => {
    const error = await failure(list(...lines));
    expect(error.code).toBe('source-failed');
    expect(error.hint).toMatch(/\.$/);
  });

  it('distinguishes objects by everything that the store reports', () => {
    const etag = (changes: Record<string, unknown>) => readItem(item(changes), PLACE, 'full')?.etag;
    const changes = [{ Size: 6 }, { ModTime: '2026-11-28T11:33:35.6Z' }, { ID: 'x' }, { Hashes: { md5: 'x' } }];
    expect(new Set([{}, ...changes].map(etag)).size).toBe(5);
    expect(etag({ Hashes: { a: '1', b: '2' } })).toBe(etag({ Hashes: { b: '2', a: '1' } }));
  });

  it('ignores fractional seconds when a listing and an object differ in them', () => {
    const etag = (time: string) => readItem(item({ ModTime: time }), PLACE, 'seconds')?.etag;
    expect(etag('2026-11-28T11:33:35.123Z')).toBe(etag('2026-11-28T11:33:35Z'));
  });

  it('includes the storage class, and leaves out directories', () => {
    expect(readItem(item({ Tier: 'GLACIER' }), PLACE, 'full')).toMatchObject({ storageClass: 'GLACIER' });
    expect(readItem(item({ IsDir: true, Size: -1 }), PLACE, 'full')).toBeUndefined();
  });
});

describe('a failed call of rclone', () => {
  it.each([
    [3, 'ERROR : : error listing: directory not found', 'source-missing'],
    [1, `Failed to create file system for "x:": didn't find section in config file`, 'source-missing'],
    [1, 'Failed to load config file: unable to decrypt configuration and not allowed to ask', 'source-credentials'],
    [1, "NewFs: couldn't connect SSH: ssh: handshake failed: ssh: unable to authenticate", 'source-credentials'],
    [
      1,
      'Failed to lsjson: InvalidAccessKeyId: The AWS Access Key Id you provided does not exist',
      'source-credentials',
    ],
    [1, 'Failed to lsjson: googleapi: Error 401: Invalid Credentials, authError', 'source-credentials'],
    [1, 'couldn\'t fetch token: oauth2: "invalid_grant" "Token has been expired or revoked."', 'source-credentials'],
    [1, 'ERROR : sub: error listing: open /srv/sub: permission denied', 'source-denied'],
    [1, 'Failed to lsjson: AccessDenied: Access Denied status code: 403', 'source-denied'],
    [1, 'ssh: handshake failed: knownhosts: key mismatch', 'source-denied'],
    [1, 'Failed to cat: InvalidObjectState: The operation is not valid for the object', 'backup-archived'],
    [1, 'Failed to open: BlobArchived: This operation is not permitted on an archived blob.', 'backup-archived'],
    [1, 'dial tcp 10.0.0.1:22: connect: connection refused', 'source-unreachable'],
    [1, 'dial tcp: lookup nas.example.com: no such host', 'source-unreachable'],
    [1, 'read tcp 10.0.0.1:443: i/o timeout', 'source-unreachable'],
    [7, 'Failed to lsjson: something else', 'source-failed'],
    [2, '', 'source-failed'],
  ])('with exit code %i and %s is %s', (exitCode, message, code) => {
    const stderr = message === '' ? '' : `2026/11/28 11:33:36 ${message}\n`;
    const error = explainRclone({ exitCode, stderr }, PLACE);
    expect(error.code).toBe(code);
    expect(error.message).toContain(PLACE);
    expect(error.hint).toMatch(/\.$/);
  });

  it('shows the last message of rclone with all of its lines', () => {
    const stderr =
      '2026/11/28 11:33:36 NOTICE: first\n2026/11/28 11:33:36 Failed: LoadBundle: unable to load\ncaused by: a transport\n';
    expect(explainRclone({ exitCode: 1, stderr }, PLACE).message).toBe(
      `reading ${PLACE} with rclone failed: Failed: LoadBundle: unable to load caused by: a transport`,
    );
  });

  it('is retried when the error may be temporary', () => {
    expect(isTransient({ exitCode: 5, stderr: '' })).toBe(true);
    expect(isTransient({ exitCode: 1, stderr: 'connection reset by peer' })).toBe(true);
    expect(isTransient({ exitCode: 1, stderr: 'AccessDenied' })).toBe(false);
  });
});
