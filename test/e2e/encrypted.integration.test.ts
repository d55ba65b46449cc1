import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DRILL, type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

const run = promisify(execFile);

let workspace: DrillWorkspace;
let identity: string;
beforeEach(async () => {
  workspace = await makeDrillWorkspace();
  identity = await newIdentity('key.txt');
});
afterEach(() => workspace[Symbol.asyncDispose]());

/** Creates an identity with age-keygen. @returns the line with the secret. */
async function newIdentity(name: string): Promise<string> {
  const path = join(workspace.directory, name);
  await run('age-keygen', ['-o', path]);
  const text = await readFile(path, 'utf8');
  return text.split('\n').find((line) => line.startsWith('AGE-SECRET-KEY-')) ?? '';
}

/** The output of the real `pg_dump | zstd | age`. */
async function encrypt(key: string, ...options: readonly string[]): Promise<Buffer> {
  const plain = await workspace.write('plain.zst', zstdCompressSync(plainDump()));
  const path = join(workspace.directory, 'backups', 'orders.sql.zst.age');
  await run('age', [...options, '-e', '-i', join(workspace.directory, key), '-o', path, plain]);
  return readFile(path);
}

async function drillWith(keys: unknown, env: Record<string, string> = {}) {
  await workspace.writeDrill({ backup: { ...DRILL.backup, keys } });
  return workspace.drill([], { env });
}

describe('a backup encrypted by gpg', () => {
  it('is restored with the private key and its passphrase, which appear nowhere', async () => {
    const { directory } = workspace;
    const gpg = (...args: readonly string[]) =>
      run('gpg', ['--homedir', directory, '--batch', '--quiet', '--pinentry-mode', 'loopback', ...args]);
    await gpg(
      '--passphrase',
      'correct horse',
      '--quick-gen-key',
      'backup@example.com',
      'future-default',
      'default',
      'never',
    );
    await gpg('--passphrase', 'correct horse', '--armor', '-o', join(directory, 'key.asc'), '--export-secret-keys');
    const plain = await workspace.write('plain.sql', plainDump());
    const path = join(directory, 'backups', 'orders.sql.gpg');
    await gpg('--trust-model', 'always', '-r', 'backup@example.com', '-o', path, '-e', plain);
    await run('gpgconf', ['--homedir', directory, '--kill', 'all']);
    await workspace.writeDrill({ backup: { ...DRILL.backup, keys: [{ file: 'key.asc' }, { env: 'GPG_PASSPHRASE' }] } });
    const {
      code,
      run: record,
      stdout,
      stderr,
    } = await workspace.drill([], { env: { GPG_PASSPHRASE: 'correct horse' } });
    expect([code, stderr]).toEqual([0, '']);
    expect(record).toMatchObject({ verdict: 'passed', backup: { format: 'plain SQL dump (OpenPGP)' } });
    const shown = await workspace.firedrill(['show', record.id, '--log', '--json']);
    const secret = (await readFile(join(directory, 'key.asc'), 'utf8')).split('\n')[3] ?? '';
    for (const text of [stdout, shown.stdout])
      expect(text.includes('correct horse') || text.includes(secret)).toBe(false);
  });
});

describe('a backup encrypted by openssl', () => {
  it('is restored with the passphrase and the options that the drill names, and is key-wrong with others', async () => {
    const { directory } = workspace;
    const plain = await workspace.write('plain.sql', plainDump());
    const path = join(directory, 'backups', 'orders.sql.enc');
    const pass = await workspace.write('pass', 'correct horse\n');
    await run('openssl', ['enc', '-aes-128-ctr', '-iter', '7', '-pass', `file:${pass}`, '-in', plain, '-out', path]);
    const openssl = { cipher: 'aes-128-ctr', iterations: 7 };
    const keys = [{ file: 'pass' }];
    await workspace.writeDrill({ backup: { ...DRILL.backup, keys, openssl } });
    const { code, run: record } = await workspace.drill();
    expect([code, record.backup?.format]).toEqual([0, 'plain SQL dump (OpenSSL)']);
    await workspace.writeDrill({ backup: { ...DRILL.backup, keys, openssl: { ...openssl, iterations: 8 } } });
    const { code: exit, stderr } = await workspace.firedrill(['plan', 'drill.yaml']);
    expect([exit, stderr]).toEqual([2, expect.stringContaining('key-wrong')]);
  });
});

describe('a backup encrypted with age', () => {
  it('is restored with the key that the drill names, which appears nowhere', async () => {
    await encrypt('key.txt', '--armor');
    const { code, run: record, stdout, stderr } = await drillWith([{ command: ['cat', 'key.txt'] }]);
    expect([code, stderr]).toEqual([0, '']);
    expect(record).toMatchObject({ verdict: 'passed', backup: { format: 'plain SQL dump (age around zstd)' } });
    const shown = await workspace.firedrill(['show', record.id, '--log', '--json']);
    const plan = await workspace.firedrill(['plan', 'drill.yaml']);
    expect(plan.stdout).toContain('plain SQL dump (age around zstd)');
    const doctor = await workspace.firedrill(['doctor', 'drill.yaml']);
    expect(doctor.stdout).toContain('✔ keys       orders: read the command cat\n');
    await workspace.writeDrill({ backup: { ...DRILL.backup, keys: [{ env: 'NO_SUCH_KEY' }] } });
    const { code: exit, stdout: missing } = await workspace.firedrill(['doctor', 'drill.yaml']);
    expect([exit, missing]).toEqual([2, expect.stringMatching(/✖ keys {7}orders: .*NO_SUCH_KEY.*\n {13}→ /)]);
    const texts = [
      stdout,
      stderr,
      shown.stdout,
      plan.stdout,
      doctor.stdout,
      missing,
      ...(await everyFile(workspace.directory)),
    ];
    expect(texts.filter((text) => text.includes(identity))).toEqual([]);
  });

  it('breaks the drill when its key is wrong or unreadable, and fails it when it is damaged', async () => {
    await newIdentity('other.txt');
    const file = await encrypt('key.txt');
    const outcomes: unknown[] = [];
    const note = async (keys: unknown) => {
      await using one = await makeDrillWorkspace();
      await one.write(
        'backups/orders.sql.zst.age',
        await readFile(join(workspace.directory, 'backups/orders.sql.zst.age')),
      );
      await one.writeDrill({ backup: { ...DRILL.backup, keys } });
      const { code, run: record } = await one.drill();
      outcomes.push([code, record.status, record.error?.code, record.error?.stage]);
    };
    const right = { file: join(workspace.directory, 'key.txt') };
    await note([{ file: join(workspace.directory, 'other.txt') }]);
    await note([{ env: 'NO_SUCH_KEY' }]);
    await workspace.write('backups/orders.sql.zst.age', file.subarray(0, -50));
    await note([right]);
    const damaged = Buffer.from(file);
    const at = file.indexOf('\n--- ') + 10;
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    await workspace.write('backups/orders.sql.zst.age', damaged);
    await note([right]);
    expect(outcomes).toEqual([
      [2, 'errored', 'key-wrong', 'locate'],
      [2, 'errored', 'key-missing', 'locate'],
      [1, 'completed', 'backup-truncated', 'locate'],
      [1, 'completed', 'backup-corrupt', 'locate'],
    ]);
  });
});

/** Everything that the drill wrote, including its record. */
async function everyFile(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'key.txt');
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')));
}
