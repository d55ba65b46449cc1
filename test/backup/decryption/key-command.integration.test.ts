import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { createKeyRing } from '../../../src/backup/decryption/key-ring.ts';
import { Redactor } from '../../../src/support/redact.ts';
import { failure } from '../../contracts/source-contract.ts';

const env = { PATH: process.env['PATH'], VAULT_TOKEN: 'token' };

function readFrom(command: readonly [string, ...string[]], signal = new AbortController().signal) {
  const redactor = new Redactor();
  const keys = createKeyRing([{ command }], { env, directory: tmpdir(), redactor, signal });
  return { redactor, keys: keys.read() };
}

it('reads a key from the output of a command, without a shell', async () => {
  const { redactor, keys } = readFrom(['sh', '-c', 'echo "$VAULT_TOKEN: $1"', 'sh', '$(id)']);
  expect(await keys).toEqual([{ name: 'the command sh', text: 'token: $(id)' }]);
  expect(redactor.redact('it was token: $(id)')).toBe('it was ***');
});

it.each<[string, readonly [string, ...string[]], string]>([
  [
    'fails',
    ['sh', '-c', 'echo key-in-stdout; echo key-in-stderr >&2; exit 3'],
    'the command sh failed with exit code 3',
  ],
  ['is not there', ['no-such-program-here'], 'the command no-such-program-here is not on PATH'],
  ['prints nothing', ['true'], 'the command true is empty'],
  ['prints far too much', ['sh', '-c', 'yes key-in-stdout'], 'the command sh gives more than 1.05 MB'],
])('is key-missing, without the output of the command, when it %s', async (_what, command, message) => {
  const error = await failure(readFrom(command).keys);
  expect(error.code).toBe('key-missing');
  expect(error.message).toContain(message);
  expect(JSON.stringify([error.message, error.hint, error.details, error.cause])).not.toContain('key-in');
});

it('stops the command when the run ends', async () => {
  const abort = new AbortController();
  const { keys } = readFrom(['sleep', '60'], abort.signal);
  abort.abort(new Error('stopped by the test'));
  await expect(keys).rejects.toThrow('stopped by the test');
});
