import { describe, expect, it } from 'vitest';
import type { IdentitySpec, IdentityUse } from '../../src/config/drill-file.ts';
import type { RecoveryProof } from '../../src/record/store.ts';
import { chooseIdentity } from '../../src/run/choose-identity.ts';
import { explainAccess, readAs, warnOfUnprovenLog, warnOfUnusedKeys } from '../../src/run/read-as.ts';
import { DrillError } from '../../src/support/errors.ts';
import { expectCode } from '../support/expect-code.ts';
import { NOON } from '../support/run-records.ts';
import { fakeDefinition } from './fake-drill.ts';

const DAY_MS = 86_400_000;
const RECOVERY_SOURCE = { type: 'directory', path: '/recovery', written: '/recovery' } as const;

function drillWith(identity: Partial<IdentitySpec> | undefined) {
  const drill = fakeDefinition(1000);
  const defaults: IdentitySpec = {
    keys: [{ env: 'RECOVERY_KEY' }],
    credentials: undefined,
    use: { when: 'on-request' },
    source: undefined,
  };
  return {
    ...drill,
    backup: { ...drill.backup, keys: [{ env: 'JOB_KEY' }], identity: identity && { ...defaults, ...identity } },
  };
}

function storeWith(...proofs: readonly RecoveryProof[]) {
  return { findRecoveryProofs: async () => proofs };
}

function passedBefore(days: number): RecoveryProof {
  const startedAt = new Date(NOON.getTime() - days * DAY_MS);
  const run = { runId: 'r', status: 'completed', verdict: 'passed', startedAt, errorCode: undefined } as const;
  return { drill: 'orders', newest: run, passed: run, passedWithKey: run };
}

describe('the identity of a run', () => {
  const every: IdentityUse = { when: 'every', everyMs: 30 * DAY_MS };
  it.each<[string, IdentityUse, RecoveryProof[], string]>([
    ['the drill’s, unless asked for', { when: 'on-request' }, [], 'drill'],
    ['the recovery identity always', { when: 'always' }, [passedBefore(1)], 'recovery'],
    ['the recovery identity when it was never proven', every, [], 'recovery'],
    ['the recovery identity when its proof is too old', every, [passedBefore(30)], 'recovery'],
    ['the drill’s while its proof is new enough', every, [passedBefore(29)], 'drill'],
    ['the recovery identity when another drill was proven', every, [{ ...passedBefore(1), drill: 'x' }], 'recovery'],
    [
      'the recovery identity when no key was needed so far',
      every,
      [{ ...passedBefore(1), passedWithKey: undefined }],
      'recovery',
    ],
  ])('is %s', async (_what, use, proofs, expected) => {
    const choose = (asked: 'drill' | 'recovery' | undefined) =>
      chooseIdentity(drillWith({ use }), asked, storeWith(...proofs), NOON);
    expect(await choose(undefined)).toBe(expected);
    expect(await choose('recovery')).toBe('recovery');
    expect(await choose('drill')).toBe('drill');
  });

  it('is the drill’s in a retry, unless every run must prove the recovery identity', async () => {
    const retry = (use: IdentityUse, asked?: 'recovery') =>
      chooseIdentity(drillWith({ use }), asked, storeWith(), NOON, 2);
    expect(await retry(every)).toBe('drill');
    expect(await retry(every, 'recovery')).toBe('recovery');
    expect(await retry({ when: 'always' })).toBe('recovery');
  });

  it('cannot be the recovery identity if the drill has none', async () => {
    const choose = (asked: 'recovery' | undefined) => chooseIdentity(drillWith(undefined), asked, storeWith(), NOON);
    expect(await choose(undefined)).toBe('drill');
    expect(await expectCode('usage', () => choose('recovery'))).toMatchObject({
      hint: expect.stringContaining('drills/orders.yaml'),
    });
  });

  it('determines source and keys, each only if the recovery identity has its own', () => {
    const read = (identity: Partial<IdentitySpec>) => readAs(drillWith(identity), 'recovery').backup;
    expect(read({}).keys).toEqual([{ env: 'RECOVERY_KEY' }]);
    expect(read({}).source).toMatchObject({ path: '/backups' });
    const credentials = read({ keys: undefined, source: RECOVERY_SOURCE });
    expect([credentials.keys, credentials.source]).toEqual([[{ env: 'JOB_KEY' }], RECOVERY_SOURCE]);
    expect(readAs(drillWith({ source: RECOVERY_SOURCE }), 'drill').backup.keys).toEqual([{ env: 'JOB_KEY' }]);
  });

  it('is key-missing when its credentials cannot be read, and never falls back to those of the drill', async () => {
    const drill = drillWith({ source: { missing: 'backup.identity.credentials.profile: the variable X is not set' } });
    const error = await expectCode('key-missing', async () => readAs(drill, 'recovery'));
    expect(error.message).toContain('the variable X is not set');
    expect(readAs(drill, 'drill')).toBe(drill);
  });
});

describe('an error of a run with the recovery identity', () => {
  const wrong = new DrillError('key-wrong', 'no key opens it', { hint: 'Name it in `backup.keys`.', details: ['a'] });

  it('says that recovery with it is impossible, and how to try again', () => {
    const error = explainAccess(wrong, 'recovery', drillWith({}));
    expect(error).toMatchObject({ code: 'key-wrong', details: ['a'], cause: wrong });
    expect(error.message).toBe('the recovery identity cannot read the backup: no key opens it');
    expect(error.hint).toContain('Name it in `backup.identity.keys`.');
    expect(error.hint).toContain('`firedrill run drills/orders.yaml --as recovery`');
    expect(explainAccess(wrong, 'recovery', drillWith({ keys: undefined })).hint).toContain('`backup.keys`');
  });

  it('is unchanged when it is not about access or the run used the drill’s identity', () => {
    const truncated = new DrillError('backup-truncated', 'cut');
    expect(explainAccess(truncated, 'recovery', drillWith({}))).toBe(truncated);
    expect(explainAccess(wrong, 'drill', drillWith({}))).toBe(wrong);
  });
});

describe('a run meant to prove recovery keys', () => {
  it('warns when the backup is not encrypted', () => {
    const used = { name: 'recovery', keys: [], principal: undefined } as const;
    expect(warnOfUnusedKeys(drillWith({}), used)).toContain('not encrypted');
    expect(warnOfUnusedKeys(drillWith({}), { ...used, keys: ['age1orders'] })).toBe(undefined);
    expect(warnOfUnusedKeys(drillWith({ keys: undefined }), used)).toBe(undefined);
    expect(warnOfUnusedKeys(drillWith({}), { ...used, name: 'drill' })).toBe(undefined);
  });
});

describe('a run meant to prove recovery credentials', () => {
  it('warns when it read a log archive with other credentials', () => {
    const used = { name: 'recovery', keys: [], principal: undefined } as const;
    const drill = (identity: Partial<IdentitySpec>, log?: { source: typeof RECOVERY_SOURCE }) => {
      const one = drillWith(identity);
      return { ...one, backup: { ...one.backup, ...(log ? { log } : {}) } };
    };
    const log = { source: RECOVERY_SOURCE };
    expect(warnOfUnprovenLog(drill({ source: RECOVERY_SOURCE }, log), used)).toContain('`backup.log`');
    expect(warnOfUnprovenLog(drill({ source: RECOVERY_SOURCE, log: RECOVERY_SOURCE }, log), used)).toBe(undefined);
    expect(warnOfUnprovenLog(drill({ source: RECOVERY_SOURCE }), used)).toBe(undefined);
    expect(warnOfUnprovenLog(drill({}, log), used)).toBe(undefined);
    expect(warnOfUnprovenLog(drill({ source: RECOVERY_SOURCE }, log), { ...used, name: 'drill' })).toBe(undefined);
  });
});
