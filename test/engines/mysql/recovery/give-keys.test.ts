import { expect, it } from 'vitest';
import { perhapsWrongKey, requireRightKey } from '../../../../src/engines/mysql/recovery/encrypted-files.ts';
import { DrillError } from '../../../../src/support/errors.ts';

const keys = { settings: {}, isProven: false, name: 'the file keys' };

it('does not blame the backup for a failure with keys that no page has proven right', () => {
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

it('does not blame the backup for unreadable tables with keys that no page has proven right', () => {
  const errors = ['shop.aria cannot be opened: it is marked as crashed (ERROR 1194)'];
  expect(() => requireRightKey('full.mb', keys, errors)).toThrow(
    expect.objectContaining({ code: 'key-wrong', details: errors }),
  );
  for (const others of [undefined, { ...keys, isProven: true }])
    expect(() => requireRightKey('full.mb', others, errors)).not.toThrow();
  expect(() => requireRightKey('full.mb', keys, [])).not.toThrow();
});
