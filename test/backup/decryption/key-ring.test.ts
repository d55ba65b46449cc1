import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeyRing } from '../../../src/backup/decryption/key-ring.ts';
import type { KeySpec } from '../../../src/backup/decryption/key-spec.ts';
import { keysBeside } from '../../../src/backup/layer.ts';
import { Redactor } from '../../../src/support/redact.ts';
import { failure, never } from '../../contracts/source-contract.ts';

let directory: string;
let redactor: Redactor;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-keys-'));
  redactor = new Redactor();
});
afterEach(() => rm(directory, { recursive: true }));

const ENV = { ORDERS_KEY: 'correct horse\n', HASH: '#correct horse', EMPTY: '', KEYS: 'keys' };

function ring(...specs: readonly KeySpec[]) {
  return createKeyRing(specs, { env: ENV, directory, redactor, signal: never() });
}

describe('the keys of a drill', () => {
  it('come from variables and files, without a trailing newline', async () => {
    await writeFile(join(directory, 'keys.txt'), '\uFEFF# public key: age1abc\nAGE-SECRET-KEY-1ABC\n');
    expect(await ring({ env: 'ORDERS_KEY' }, { file: `./\${KEYS}.txt` }).read()).toEqual([
      { name: 'the variable ORDERS_KEY', text: 'correct horse' },
      { name: 'the file ./keys.txt', text: '# public key: age1abc\nAGE-SECRET-KEY-1ABC' },
    ]);
  });

  it('are redacted once read, including each line of an identity file', async () => {
    await writeFile(join(directory, 'keys.txt'), '# mine\nAGE-SECRET-KEY-1ABC\r\nAGE-SECRET-KEY-1DEF\n');
    await ring({ env: 'HASH' }, { env: 'ORDERS_KEY' }, { file: 'keys.txt' }).read();
    expect(redactor.redact('#correct horse')).toBe('***');
    const said = redactor.redact('correct horse, AGE-SECRET-KEY-1ABC and AGE-SECRET-KEY-1DEF # mine');
    expect(said).toBe('***, *** and *** # mine');
  });

  it('are read once, when needed', async () => {
    const keys = ring({ file: 'later.txt' });
    await writeFile(join(directory, 'later.txt'), 'first');
    const first = await keys.read();
    await writeFile(join(directory, 'later.txt'), 'second');
    expect(await keys.read()).toBe(first);
    expect(keys.isEmpty).toBe(false);
    expect(ring().isEmpty).toBe(true);
  });

  it.each<[string, KeySpec, string]>([
    ['a variable is not set', { env: 'NOT_SET' }, 'the variable NOT_SET is not set or empty'],
    ['a variable is empty', { env: 'EMPTY' }, 'the variable EMPTY is not set or empty'],
    ['a file does not exist', { file: 'nothing.txt' }, 'the file nothing.txt does not exist'],
    ['a file is a directory', { file: '.' }, 'the file . cannot be read (EISDIR)'],
    ['a file is empty', { file: 'empty.txt' }, 'the file empty.txt is empty'],
    [
      'the path of a file has an unset variable',
      { file: `\${NOT_SET}/key` },
      'the variable NOT_SET is not set or empty',
    ],
    ['a file is not a key but something large', { file: 'large.txt' }, 'the file large.txt gives more than 1.05 MB'],
  ])('are key-missing, with a next step, when %s', async (_what, spec, message) => {
    await writeFile(join(directory, 'empty.txt'), '\n\n');
    await writeFile(join(directory, 'large.txt'), Buffer.alloc(2 ** 20 + 1, 120));
    const error = await failure(ring(spec).read());
    expect(error.code).toBe('key-missing');
    expect(error.message).toContain(message);
    expect(error.hint).toMatch(/\.$/);
  });
});

describe('the keys for files beside a backup', () => {
  it('are those of the backup, and prove nothing about it', async () => {
    const key = { name: 'the variable K', text: 'secret' };
    const used: string[] = [];
    const ring = { isEmpty: false, read: async () => [key], noteUse: (name: string) => used.push(name), lastUsed: key };
    const beside = keysBeside(ring);
    expect([beside.isEmpty, await beside.read(), beside.lastUsed]).toEqual([false, [key], key]);
    const other = { name: 'the variable L', text: 'other' };
    beside.noteUse('age1manifest', other);
    expect([used, beside.lastUsed, ring.lastUsed]).toEqual([[], other, key]);
  });
});
