import { expect, test } from 'vitest';
import { describeRestored } from '../../src/run/describe-restore.ts';
import { nameServer } from '../../src/support/versions.ts';

test('omits the version where it cannot be known', () => {
  expect(nameServer('exec', 'unknown')).toBe('exec');
  expect(nameServer('postgres', '17.5')).toBe('postgres 17.5');
});

test('names the database only where there is one', () => {
  const outcome = { database: 'orders' };
  expect(describeRestored(3120, outcome, ['program'])).toBe('3.12 kB');
  expect(describeRestored(3120, outcome, ['sql', 'program'])).toBe('3.12 kB into database orders');
});
