import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Drilled, type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

const NOT_BEGUN = ['locate failed', 'teardown skipped'];
const NAME_THE_KEY =
  'Add its key to the drill, for example `backup.keys: [{ env: BACKUP_KEY }]`, or drill the backup before it is encrypted.';

let workspace: DrillWorkspace;
beforeEach(async () => {
  workspace = await makeDrillWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

async function drillOn(name: string, content: string | Buffer): Promise<Drilled> {
  await workspace.write(`backups/${name}`, content);
  await workspace.writeDrill();
  return workspace.drill();
}

describe('an invalid backup, recognised before anything is started', () => {
  it.each([
    [
      'an HTML page',
      'orders.sql',
      '<!DOCTYPE html>\n<html><title>502 Bad Gateway</title></html>',
      'is not a dump: it looks like an HTML page, most likely an error page that was saved as the backup',
    ],
    [
      'an error message of the backup job',
      'orders.sql',
      'pg_dump: error: connection to server failed: no such host\n',
      'contains a program’s message instead of a dump: "pg_dump: error: connection to server failed: no such host"',
    ],
    [
      'noise',
      'orders.dump',
      Buffer.from('f00dbabe00112233445566778899aabb', 'hex'),
      'is not a pg_dump archive, tar, directory or SQL dump: it is binary data that begins with f00dbabe00112233',
    ],
  ])('fails the drill when it is %s', async (_what, name, content, seen) => {
    const { code, stdout, stderr, run, timeline } = await drillOn(name, content);
    const message = `${name} ${seen}`;
    const hint = run.error?.hint ?? '';
    expect(code).toBe(1);
    expect(stderr).toBe('');
    expect(stdout).toContain(
      `FAILED orders: ${message}\n  HINT (unrestorable): ${hint}\n  more: firedrill show ${run.id}\n`,
    );
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', restoreErrorCount: 0, checks: [] });
    expect(run.reasons).toEqual([{ reason: 'unrestorable', sentence: message, hint }]);
    expect(run.error).toEqual({ code: 'backup-unrecognised', stage: 'locate', message, hint, details: [] });
    expect(run.backup).toMatchObject({ key: name, sizeBytes: content.length });
    expect(run.sandbox).toBeUndefined();
    expect(timeline).toEqual(NOT_BEGUN);
  });

  it.each([
    [
      'of another product',
      'orders.sql',
      '-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)\n--\nCREATE TABLE a (id int);\n',
      'engine-mismatch',
    ],
    [
      'in a 7z archive',
      'orders.7z',
      Buffer.concat([Buffer.from('377abcaf271c', 'hex'), Buffer.alloc(64, 20)]),
      'format-unsupported',
    ],
  ])('makes the drill errored when it is one %s', async (_what, name, content, error) => {
    const { code, run } = await drillOn(name, content);
    expect(code).toBe(2);
    expect(run).toMatchObject({ status: 'errored', error: { code: error, stage: 'locate' } });
  });

  it.each([
    ['age', 'orders.age', 'age-encryption.org/v1\n-> X25519 abc\n'],
    ['age', 'orders.txt', '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n'],
    ['OpenSSL', 'orders.enc', Buffer.concat([Buffer.from('Salted__'), Buffer.alloc(100, 7)])],
    ['OpenPGP', 'orders.gpg', Buffer.from('8c0d04090302a1b2c3d4e5f60718', 'hex')],
    ['OpenPGP', 'orders.asc.sql', '-----BEGIN PGP MESSAGE-----\n\nhQEMA\n'],
  ])(
    'makes the drill errored, without judging the backup, when it is encrypted with %s (%s)',
    async (how, name, content) => {
      const { code, stdout, run, timeline } = await drillOn(name, content);
      const message = `${name} is encrypted with ${how}`;
      const hint = NAME_THE_KEY;
      expect(code).toBe(2);
      expect(stdout).toContain(`ERRORED orders: backup-encrypted: ${message}\n  HINT: ${hint}\n`);
      expect(run).toMatchObject({ status: 'errored', reasons: [] });
      expect(run.verdict).toBeUndefined();
      expect(run.error).toEqual({ code: 'backup-encrypted', stage: 'locate', message, hint, details: [] });
      expect(timeline).toEqual(['locate errored', 'teardown skipped']);
    },
  );

  it.each([
    ['no bytes', 'orders.sql', Buffer.alloc(0), /^orders\.sql under .*, the selected backup, has 0 bytes$/],
    [
      'nothing but a gzip header',
      'orders.sql.gz',
      gzipSync(''),
      /^the backup orders\.sql\.gz decompresses \(gzip\) to 0 bytes$/,
    ],
    [
      'nothing but zero bytes',
      'orders.dump',
      Buffer.alloc(4096),
      /^orders\.dump holds only zero bytes \(the first 4.10 kB were looked at\)$/,
    ],
  ])('fails the drill when it contains %s', async (_what, name, content, message) => {
    const { code, run, timeline } = await drillOn(name, content);
    expect(code).toBe(1);
    expect(run.error).toMatchObject({ code: 'backup-empty', stage: 'locate', message: expect.stringMatching(message) });
    expect(run.error?.hint).toMatch(/^(?:Check the log of|Look at) the job|^The file was allocated/);
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', reasons: [{ reason: 'unrestorable' }] });
    expect(timeline).toEqual(NOT_BEGUN);
  });

  it('fails the drill when the newest is empty, even if an older one is good', async () => {
    await workspace.write('backups/orders-2026-11-19.sql', plainDump());
    await workspace.write('backups/orders-2026-11-20.sql', '');
    await workspace.writeDrill({ backup: { source: './backups', match: 'orders*', takenAt: 'name' } });
    const { code, run } = await workspace.drill();
    expect(code).toBe(1);
    expect(run.error).toMatchObject({
      code: 'backup-empty',
      message: expect.stringContaining('orders-2026-11-20.sql'),
    });
  });

  it.each([
    [
      'is cut',
      (whole: Buffer) => whole.subarray(0, -20),
      'backup-truncated',
      /^orders\.sql\.gz: the backup ends in the middle of its gzip data, after \d+ bytes$/,
    ],
    [
      'has a flipped bit',
      (whole: Buffer) => flipBit(whole, 100),
      'backup-corrupt',
      /^orders\.sql\.gz: the gzip data of the backup is damaged at or before byte \d+: /,
    ],
  ])('fails the drill when its compressed data %s', async (_how, spoil, expected, message) => {
    const { code, run, timeline } = await drillOn('orders.sql.gz', spoil(gzipSync(plainDump())));
    expect(code).toBe(1);
    expect(run.error).toMatchObject({ code: expected, message: expect.stringMatching(message) });
    expect(run).toMatchObject({ status: 'completed', verdict: 'failed', reasons: [{ reason: 'unrestorable' }] });
    expect(timeline).toEqual(NOT_BEGUN);
  });
});

function flipBit(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}
