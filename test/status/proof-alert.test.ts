import { describe, expect, it } from 'vitest';
import { composeNotification } from '../../src/notify/compose-notification.ts';
import { decideNotification } from '../../src/notify/decide-notification.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { proofAlertOf } from '../../src/status/proof-alert.ts';
import type { ProofStanding } from '../../src/status/proof-standing.ts';
import { NOON, passedRun } from '../support/run-records.ts';
import { atHour } from './facts.ts';

const DRILL = { name: 'orders', owner: 'payments', tier: 1, proveEveryMs: 1, definitionHash: 'now' };
const PROOF: ProofStanding = {
  sentence: 'as it is',
  caught: 5,
  total: 9,
  provenAt: atHour(-24),
  runId: 'run-1',
  isOutdated: false,
  lost: [],
};
const passedAt = (hours: number, definitionHash = 'now') => passedRun({ startedAt: atHour(hours), definitionHash });

interface Facts {
  readonly proof?: ProofStanding;
  readonly runs?: readonly RunRecord[];
}

const standingOf = ({ proof, runs = [] }: Facts) => {
  const standing = proofAlertOf({ drill: DRILL, proof, runs }, NOON);
  if (!standing) throw new Error('the drill asks for proofs');
  return standing;
};
const decide = (facts: Facts) => decideNotification(undefined, standingOf(facts), NOON, 'daily');

describe('an alert about a proof', () => {
  it.each<readonly [what: string, facts: Facts]>([
    ['caught less than the one before', { proof: { ...PROOF, lost: ['stale'] } }],
    ['is missing after three days of passed runs', { runs: [passedAt(-2), passedAt(-73)] }],
    ['tried nothing for three days', { proof: { ...PROOF, caught: 0, total: 0 }, runs: [passedAt(-73)] }],
    ['is of an earlier configuration for three days', { proof: { ...PROOF, isOutdated: true }, runs: [passedAt(-73)] }],
  ])('is sent when it %s, and ends with the next proof', (_, facts) => {
    const decision = decide(facts);
    expect(decision).toMatchObject({ kind: 'problem', nextAlert: { subject: 'proof:orders' } });
    const standing = standingOf({ proof: PROOF });
    expect(decideNotification(decision?.nextAlert, standing, NOON, 'daily')?.kind).toBe('resolved');
  });

  it.each<readonly [what: string, facts: Facts]>([
    ['caught as much as before', { proof: PROOF }],
    ['is not there yet', { runs: [passedAt(-71)] }],
    ['is not there, and the drill never passed as it is now', { runs: [passedAt(-100, 'before')] }],
  ])('is not sent when it %s', (_, facts) => {
    expect(decide(facts)).toBeUndefined();
  });

  it('says what to do', () => {
    const standing = standingOf({ proof: { ...PROOF, lost: ['stale'] } });
    const context = { id: 'n1', now: NOON, publicUrl: undefined };
    expect(composeNotification('problem', { drill: undefined, standing, run: undefined }, context)).toMatchObject({
      headline: 'UNPROVEN orders: as it is',
      facts: [{ label: 'Proof', text: 'as it is' }],
      nextStep: 'Run `firedrill prove orders`; it names the checks that would catch what slipped through.',
    });
  });

  it('is not sent for a drill that is only proven manually', () => {
    expect(proofAlertOf({ drill: { ...DRILL, proveEveryMs: undefined }, proof: undefined, runs: [] }, NOON)).toBe(
      undefined,
    );
  });
});
