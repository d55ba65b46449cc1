import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { writeSandboxFiles } from '../../src/sandbox/local/write-files.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

const PATHS = { data: '/nowhere/data', scratch: '/nowhere/scratch', run: '/nowhere/run' } as Sandbox['paths'];
const USER = { switched: false } as Parameters<typeof writeSandboxFiles>[1];

it.each([
  ['its name is not safe', '../escape', new AbortController().signal, { code: 'backup-unrecognised' }],
  ['the run is over', 'orders.ibd', AbortSignal.abort(new Error('canceled')), { message: 'canceled' }],
  ['its folder cannot be opened', 'orders.ibd', new AbortController().signal, {}],
])('closes a file that is not written because %s', async (_why, name, signal, expected) => {
  const content = new Readable({ read: () => undefined });
  const files = Readable.from([{ name, sizeBytes: 3, content }]);
  await expect(writeSandboxFiles(PATHS, USER, '/nowhere/data', files, signal)).rejects.toMatchObject(expected);
  expect(content.destroyed).toBe(true);
});
