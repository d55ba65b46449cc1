import { describe, expect, it } from 'vitest';
import { readLabels, sweepReason, toLabels } from '../../src/sandbox/labels.ts';
import { currentOwner, formatOwner } from '../../src/support/owner.ts';

const identity = {
  runId: 'r1',
  drill: 'orders',
  owner: currentOwner(),
  leaseExpiresAt: new Date('2026-11-21T10:00:00.000Z'),
};

describe('labels', () => {
  it('contain project, run, drill, owner and the end of the lease', () => {
    expect(toLabels(identity)).toEqual({
      'dev.firedrill.project': 'firedrill',
      'dev.firedrill.run': 'r1',
      'dev.firedrill.drill': 'orders',
      'dev.firedrill.owner': formatOwner(identity.owner),
      'dev.firedrill.lease-expires': '2026-11-21T10:00:00.000Z',
    });
  });

  it('are read back as written', () => {
    expect(readLabels(toLabels(identity))).toEqual(identity);
  });

  it.each([
    ['no labels', undefined],
    ['labels of another project', { ...toLabels(identity), 'dev.firedrill.project': 'other' }],
    ['no run', { ...toLabels(identity), 'dev.firedrill.run': '' }],
    ['an owner that cannot be checked', { ...toLabels(identity), 'dev.firedrill.owner': 'me' }],
    ['a lease that is not a date', { ...toLabels(identity), 'dev.firedrill.lease-expires': 'soon' }],
  ])('with %s are not ours', (_what, labels) => {
    expect(readLabels(labels)).toBeUndefined();
  });
});

describe('what can be swept', () => {
  const before = new Date('2026-11-21T09:59:59.999Z');
  const after = new Date('2026-11-21T10:00:00.000Z');

  it('is nothing while the lease is valid and the owner may be alive', () => {
    expect(sweepReason(identity, before)).toBeUndefined();
    expect(
      sweepReason({ ...identity, owner: { ...identity.owner, host: 'elsewhere', pid: 1 } }, before),
    ).toBeUndefined();
  });

  it('is anything past its lease, whoever owns it', () => {
    expect(sweepReason(identity, after)).toBe('its lease expired on 21 Nov 2026, 10:00 UTC');
  });

  it('is anything that a dead process on this host owned', () => {
    const dead = { ...identity.owner, startTicks: '1' };
    expect(sweepReason({ ...identity, owner: dead }, before)).toBe(
      `its owner, process ${dead.pid} on ${dead.host}, is dead`,
    );
  });
});
