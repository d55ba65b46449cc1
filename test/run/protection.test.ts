import { describe, expect, it } from 'vitest';
import type { DeletionProbe, ProtectionAnswers, ProtectionInspector } from '../../src/backup/protection.ts';
import { makeFakeDrill } from './fake-drill.ts';

const LOCKED: ProtectionAnswers = {
  locks: { known: true, value: [{ mode: 'compliance', until: new Date('2099-01-01T00:00:00Z'), legalHold: false }] },
  versioning: { known: true, value: 'enabled' },
  expiry: { known: true, value: [] },
  deniedByPolicy: { known: true, value: false },
};
const REFUSED: DeletionProbe = { outcome: 'refused', written: true, said: 'AccessDenied' };

function inspector(answers: Partial<ProtectionAnswers> = {}, probe: DeletionProbe = REFUSED): ProtectionInspector {
  return { ask: async () => ({ ...LOCKED, ...answers }), probe: async () => probe };
}

describe('a drill that asks for protection', () => {
  it('passes with a backup that is locked, and records how', async () => {
    const run = await makeFakeDrill({ protection: inspector() }).run();
    expect(run).toMatchObject({
      verdict: 'passed',
      protection: { answer: 'protected', mode: 'compliance', probe: { outcome: 'refused' }, findings: [] },
    });
  });

  it('fails when its marker could be deleted, although recovery works', async () => {
    const protection = inspector({}, { outcome: 'deleted', bypassed: true });
    const run = await makeFakeDrill({ protection }).run();
    expect(run).toMatchObject({ verdict: 'failed', reasons: [{ reason: 'unprotected' }] });
    expect(run.reasons[0]?.hint).toContain('BypassGovernanceRetention');
  });

  it.each([
    ['unsupported', 'protection-unsupported'],
    ['denied', 'protection-unknown'],
  ] as const)('is errored when the answer is %s: %s', async (why, code) => {
    const run = await makeFakeDrill({ protection: inspector({ locks: { known: false, why, said: 'no' } }) }).run();
    expect(run).toMatchObject({ status: 'errored', verdict: undefined, error: { code }, warnings: [] });
  });

  it('is errored when the store cannot be asked, and keeps the answers when only the probe fails', async () => {
    const broken = { ask: () => Promise.reject(new Error('cut')), probe: async () => REFUSED };
    expect(await makeFakeDrill({ protection: broken }).run()).toMatchObject({ error: { code: 'protection-unknown' } });
    const unprobed = { ...inspector(), probe: () => Promise.reject(new Error('cut')) };
    expect(await makeFakeDrill({ protection: unprobed }).run()).toMatchObject({
      error: { code: 'protection-unknown' },
      protection: { mode: 'compliance', probe: { outcome: 'failed' }, findings: [expect.stringContaining('cut')] },
    });
  });

  it('is recorded and leaves nothing behind when asking throws an unexpected error', async () => {
    const ask = () => {
      throw new TypeError('a fault of ours');
    };
    const drill = makeFakeDrill({ protection: { ask, probe: async () => REFUSED } });
    const run = await drill.run();
    expect(run).toMatchObject({ status: 'errored', error: { message: expect.stringContaining('a fault of ours') } });
    expect(drill.calls).toContain('dispose');
    expect(await drill.stored()).toEqual(run);
  });

  it('fails for wrong data even if the protection is unknown', async () => {
    const protection = inspector({ locks: { known: false, why: 'denied', said: 'no' } });
    const run = await makeFakeDrill({ protection, answer: 1 }).run();
    expect(run).toMatchObject({ verdict: 'failed', reasons: [{ reason: 'wrong-data' }], error: undefined });
    expect(run.warnings).toEqual([expect.stringContaining('not proven protected')]);
  });

  it('ends at once when it is canceled while the store does not answer', async () => {
    const ask = (_: unknown, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    const drill = makeFakeDrill({ protection: { ask, probe: async () => REFUSED } });
    const running = drill.run();
    await drill.reached('closeCheckSession');
    drill.interrupt.abort();
    expect(await running).toMatchObject({ status: 'interrupted', protection: undefined });
  });
});
