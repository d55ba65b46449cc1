import { expect, it } from 'vitest';
import { majorOf } from '../../../src/engines/postgres/major.ts';

it.each([
  ['17.11', '17'],
  ['18beta1', '18'],
  ['17devel', '17'],
  ['10.23', '10'],
  ['9.6.24', '9.6'],
  ['9.6', '9.6'],
])('the major version of %s is %s', (version, major) => {
  expect(majorOf(version)).toBe(major);
});
