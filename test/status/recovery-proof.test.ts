import { expect, it } from 'vitest';
import type { IdentityRun, RecoveryProof } from '../../src/record/store.ts';
import { recoveryStanding } from '../../src/status/recovery-proof.ts';

const KEYS = { keys: [{ env: 'K' }], credentials: undefined };
const CREDENTIALS = { keys: undefined, credentials: { profile: 'recovery' } };

const PASSED: IdentityRun = {
  runId: 'passed',
  status: 'completed',
  verdict: 'passed',
  startedAt: new Date('2026-11-20T03:00:00Z'),
  errorCode: undefined,
};
const ERRORED: IdentityRun = {
  runId: 'errored',
  status: 'errored',
  verdict: undefined,
  startedAt: new Date('2026-11-27T03:00:00Z'),
  errorCode: 'key-wrong',
};

function proof(newest: IdentityRun, passed?: IdentityRun, passedWithKey = passed): RecoveryProof {
  return { drill: 'orders', newest, passed, passedWithKey };
}

it('a drill without a recovery identity says nothing about it', () => {
  expect(recoveryStanding(undefined, proof(PASSED, PASSED))).toBe(undefined);
});

it.each([
  [KEYS, undefined, 'never', 'never proven with the recovery key'],
  [CREDENTIALS, undefined, 'never', 'never proven with the recovery credentials'],
  [KEYS, proof(PASSED, PASSED), 'proven', 'proven with the recovery key on 20 Nov 2026'],
  [
    { ...KEYS, ...{ credentials: {} } },
    proof(PASSED, PASSED),
    'proven',
    'proven with the recovery key and credentials on 20 Nov 2026',
  ],
  [
    KEYS,
    proof(ERRORED, PASSED),
    'failed',
    'errored with the recovery key on 27 Nov 2026 (key-wrong); last proven on 20 Nov 2026',
  ],
  [KEYS, proof(ERRORED), 'failed', 'errored with the recovery key on 27 Nov 2026 (key-wrong); never proven with it'],
])('%j with %j is %s: %s', (identity, known, state, sentence) => {
  expect(recoveryStanding(identity, known)).toMatchObject({ state, sentence });
});

it('a backup that is not encrypted proves credentials, and no key', () => {
  const plain: RecoveryProof = { drill: 'orders', newest: PASSED, passed: PASSED, passedWithKey: undefined };
  expect(recoveryStanding(CREDENTIALS, plain)?.state).toBe('proven');
  expect(recoveryStanding(KEYS, plain)).toMatchObject({
    state: 'never',
    sentence: 'never proven with the recovery key: the backup that was read with it on 20 Nov 2026 is not encrypted',
  });
});
