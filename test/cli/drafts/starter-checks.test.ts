import { expect, test } from 'vitest';
import { starterCheck } from '../../../src/cli/drafts/starter-checks.ts';
import { checkSchema } from '../../../src/config/check-schema.ts';
import { ENGINE_DESCRIPTORS, ENGINE_TYPES } from '../../../src/engines/registry.ts';
import { needsOf } from '../../../src/verify/check-traits.ts';
import { expectCode } from '../../support/expect-code.ts';

test.each(ENGINE_TYPES.filter((type) => type !== 'exec'))(
  'a drill of %s can be drafted with a check that it supports',
  (type) => {
    const check = checkSchema
      .parse(starterCheck(type))
      .resolve({ textOf: () => undefined, report: (path, message) => expect([path, message]).toEqual([]) });
    expect(check && ENGINE_DESCRIPTORS[type].offers.includes(needsOf(check))).toBe(true);
  },
);

test('a drill of programs is written by hand, and the error says how', async () => {
  await expectCode('usage', async () => starterCheck('exec'));
  expect(() => starterCheck('exec')).toThrow('only you know how its backups are restored');
});
