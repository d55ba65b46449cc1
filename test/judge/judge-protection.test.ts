import { describe, expect, it } from 'vitest';
import type { DeletionProbe, ObjectLock, ProtectionAnswers, StoreAnswer } from '../../src/backup/protection.ts';
import type { ProtectionSpec } from '../../src/config/drill-file.ts';
import { judgeProtection } from '../../src/judge/judge-protection.ts';

const DAY = 86_400_000;
const STORED = new Date('2026-11-21T03:00:00Z');
const NOW = new Date('2026-11-21T12:00:00Z');
const later = (days: number) => new Date(STORED.getTime() + days * DAY);
const SPEC: ProtectionSpec = { forMs: 30 * DAY, mode: 'governance', probe: false, onFinding: 'fail' };

const known = <T>(value: T): StoreAnswer<T> => ({ known: true, value });
const lock = (days: number, mode: ObjectLock['mode'] = 'compliance'): ObjectLock => ({
  mode,
  until: later(days),
  legalHold: false,
});
const NONE: ObjectLock = { mode: undefined, until: undefined, legalHold: false };

function judge(
  locks: StoreAnswer<readonly ObjectLock[]> | readonly ObjectLock[],
  {
    answers,
    probe,
    spec,
    now = NOW,
  }: { answers?: Partial<ProtectionAnswers>; probe?: DeletionProbe; spec?: Partial<ProtectionSpec>; now?: Date } = {},
) {
  const asked = 'known' in locks ? locks : known(locks);
  const count = asked.known ? asked.value.length : 1;
  const objects = Array.from({ length: count }, (_, index) => ({
    key: `orders/${index}.dump`,
    sizeBytes: 1,
    modifiedAt: STORED,
    etag: 'e',
  }));
  return judgeProtection({
    spec: { ...SPEC, ...spec },
    objects,
    answers: {
      locks: asked,
      versioning: known('enabled'),
      expiry: known([]),
      deniedByPolicy: known(false),
      ...answers,
    },
    probe: probe && { found: probe, principal: 'access key …WXYZ' },
    now,
  });
}

describe('the protection of a backup', () => {
  it.each([
    ['locked for longer than required', [lock(31)], 'protected'],
    ['locked for exactly as long', [lock(30)], 'protected'],
    ['locked for an hour less, since uploads take time', [lock(30 - 1 / 24)], 'protected'],
    ['locked for a day less', [lock(29)], 'unprotected'],
    ['not locked', [NONE], 'unprotected'],
    ['under legal hold only', [{ ...NONE, legalHold: true }], 'protected'],
    ['with one object of three that is not locked', [lock(31), NONE, lock(31)], 'unprotected'],
    ['locked in governance mode', [lock(31, 'governance')], 'protected'],
    ['with a mode and no end', [{ mode: 'compliance', until: undefined, legalHold: false }], 'unprotected'],
  ] as const)('%s: %s', (_, locks, answer) => {
    expect(judge(locks).answer).toBe(answer);
  });

  it('is that of the least protected object', () => {
    const found = judge([lock(60), lock(7, 'governance'), lock(40)]);
    expect(found).toMatchObject({ answer: 'unprotected', mode: 'governance', lockedUntil: later(7) });
    expect(found.findings).toEqual([
      'it is locked until 28 Nov 2026, 03:00 UTC, 7 d 0 h after it was stored; 30 d 0 h are required (1 of 3 objects)'.replaceAll(
        ' 0 h',
        '',
      ),
    ]);
  });

  it('requires compliance mode if the drill says so', () => {
    expect(judge([lock(31, 'governance')], { spec: { mode: 'compliance' } }).findings).toEqual([
      expect.stringContaining('compliance mode is required'),
    ]);
  });

  it('by an expired lock is sufficient if the lock lasted long enough, and not otherwise', () => {
    const now = later(40);
    expect(judge([lock(30)], { now })).toMatchObject({
      answer: 'protected',
      notes: ['its lock has ended, as the drill allows'],
    });
    expect(judge([lock(2)], { now }).findings[0]).toMatch(/^its lock ended 23 Nov 2026, 03:00 UTC, 2 d after/);
  });

  it.each([
    ['unsupported', 'unsupported', /does not support object locks \(501 NotImplemented\)/],
    ['denied', 'unknown', /does not say whether it is locked/],
    ['failed', 'unknown', /does not say whether it is locked/],
  ] as const)('is neither good nor bad when the answer of the store is %s: %s', (why, answer, told) => {
    const found = judge({ known: false, why, said: '501 NotImplemented' });
    expect(found).toMatchObject({ answer, findings: [expect.stringMatching(told)] });
  });

  it('is missing when a marker could be deleted, whatever the store says', () => {
    const probe = { outcome: 'deleted', bypassed: false } as const;
    expect(judge([lock(31)], { probe })).toMatchObject({ answer: 'unprotected', probe: { outcome: 'deleted' } });
    const denied = { known: false, why: 'denied', said: 'no' } as const;
    expect(judge(denied, { probe }).answer).toBe('unprotected');
    expect(judge([lock(31, 'governance')], { probe: { ...probe, bypassed: true } })).toMatchObject({
      answer: 'unprotected',
      probe: { outcome: 'bypassed', principal: 'access key …WXYZ' },
      findings: [expect.stringContaining('lifting its governance lock')],
    });
  });

  it('is not proven by a refusal alone, nor when the marker could not be tested', () => {
    const refused = { outcome: 'refused', written: true, said: 'AccessDenied' } as const;
    expect(judge([lock(31)], { probe: refused }).answer).toBe('protected');
    expect(judge([NONE], { probe: refused }).answer).toBe('unprotected');
    expect(judge([lock(31)], { probe: { outcome: 'failed', said: 'timeout' } }).answer).toBe('unknown');
  });

  it('lists other observations in notes', () => {
    const { notes } = judge([lock(31)], {
      probe: { outcome: 'allowed' },
      answers: {
        versioning: known('suspended'),
        expiry: known([{ name: 'tidy', afterMs: 7 * DAY }]),
        deniedByPolicy: { known: false, why: 'denied', said: 'no' },
      },
    });
    expect(notes).toEqual([
      expect.stringContaining('"tidy" hides it 7 d after'),
      expect.stringContaining('versioning is suspended'),
      'the policy of the bucket could not be read',
      expect.stringContaining('only the lock protects'),
    ]);
    const { findings } = judge([NONE], { answers: { expiry: known([{ name: 'tidy', afterMs: 7 * DAY }]) } });
    expect(findings[1]).toContain('deletes it 7 d after');
  });
});
