import { expect, it } from 'vitest';
import { perhapsWrongKey } from '../../../../src/engines/mysql/recovery/encrypted-files.ts';
import { DrillError } from '../../../../src/support/errors.ts';

const keys = { settings: {}, isProven: false, name: 'the file keys' };

it('blames no backup for a failure with keys that no page has proven', () => {
  const damaged = new DrillError('backup-corrupt', 'full.mb cannot be prepared: No valid checkpoint found');
  expect(perhapsWrongKey('full.mb', keys, damaged)).toMatchObject({
    code: 'key-wrong',
    message: expect.stringMatching(/^full\.mb .* cannot be opened with the file keys/),
    details: [damaged.message],
  });
  expect(perhapsWrongKey('full.mb', { ...keys, isProven: true }, damaged)).toBe(damaged);
  expect(perhapsWrongKey('full.mb', undefined, damaged)).toBe(damaged);
  const full = new DrillError('disk-full', 'the sandbox is full');
  expect(perhapsWrongKey('full.mb', keys, full)).toBe(full);
});
