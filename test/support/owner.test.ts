import { expect, test } from 'vitest';
import { currentOwner, formatOwner, isOwnerDead, parseOwner } from '../../src/support/owner.ts';

const here = { ...currentOwner(), machine: 'aaaaaaaaaaaaaaaa' };

test('an owner is read back as written, with and without a machine', () => {
  for (const owner of [here, { ...here, machine: undefined }]) expect(parseOwner(formatOwner(owner))).toEqual(owner);
  expect(parseOwner(`${formatOwner(here)}/more`)).toBeUndefined();
});

test('a process of another machine with the same host name is not known to be dead', () => {
  const there = { ...here, machine: 'bbbbbbbbbbbbbbbb', bootId: 'another', startTicks: '1' };
  expect(isOwnerDead(there, here)).toBe(false);
  expect(isOwnerDead({ ...there, machine: here.machine }, here)).toBe(true);
  expect(isOwnerDead({ ...there, machine: undefined }, here)).toBe(true);
  expect(isOwnerDead(here, here)).toBe(false);
});
