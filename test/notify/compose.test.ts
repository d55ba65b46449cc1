import { describe, expect, it } from 'vitest';
import { composeDigest } from '../../src/notify/compose-digest.ts';
import { composeGone, composeNotification } from '../../src/notify/compose-notification.ts';
import { parseNotification } from '../../src/notify/notification-json.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';
import { HOSTILE } from './notifications.ts';
import { errored, HOUR_MS, passed, standing, subjectOf } from './standings.ts';

const now = new Date(NOON.getTime() + HOUR_MS);
const context = { id: 'n1', now, publicUrl: 'https://firedrill.example.com' };
const slow = failedRun({ recoveryTimeMs: 41 * 60_000 });
const drill = { runbook: 'https://wiki.example.com/orders', objectives: slow.objectives };

describe('a notification', () => {
  it('says what, since when, recovery time against the target, the reason, the next step and a link', () => {
    expect(composeNotification('problem', { drill, standing: standing(), run: slow }, context)).toEqual({
      id: 'n1',
      kind: 'problem',
      at: '2026-11-21T13:00:00.000Z',
      drill: { name: 'orders', owner: 'payments', tier: 1 },
      state: 'failed',
      headline: 'FAILED orders: recovery took 41 min, target 15 min (26 min over)',
      since: '2026-11-21T12:00:00.000Z',
      facts: [
        { label: 'State', text: 'failed: recovery took 41 min, target 15 min (26 min over)' },
        { label: 'Recovery time', text: '41 min, target 15 min (26 min over)' },
        { label: 'Backup age', text: '9 h, at most 26 h' },
        { label: 'Backup', text: 'orders/orders-2026-11-21.dump (48.1 GB, taken 21 Nov 2026, 03:00 UTC)' },
        { label: 'Run', text: '20261121-120000-aaaaaa, by hand (alice)' },
      ],
      nextStep: 'Add cores.',
      links: [
        { label: 'Run', url: 'https://firedrill.example.com/runs/20261121-120000-aaaaaa' },
        { label: 'Runbook', url: 'https://wiki.example.com/orders' },
      ],
      rows: [],
    });
  });

  it('names a runbook file, and has no links when the public address is unknown', () => {
    const subject = { drill: { ...drill, runbook: '/srv/runbooks/orders.md' }, standing: standing(), run: slow };
    const { facts, links } = composeNotification('problem', subject, { ...context, publicUrl: undefined });
    expect(facts).toContainEqual({ label: 'Runbook', text: '/srv/runbooks/orders.md' });
    expect(links).toEqual([]);
  });

  it('says in a reminder that the problem continues, and for its end the outcome and duration', () => {
    const subject = { drill, standing: standing(), run: slow };
    expect(composeNotification('reminder', subject, context).headline).toMatch(/^STILL FAILED orders: recovery took/);
    const well = { drill, standing: passed(), run: passedRun() };
    const before = { state: 'errored', since: new Date(now.getTime() - 50 * HOUR_MS) } as const;
    const resolved = composeNotification('resolved', well, { ...context, before });
    expect(resolved).toMatchObject({ headline: 'PASSED orders: recovered in 4.0 s (RTO 15 min)', nextStep: undefined });
    expect(resolved.facts).toContainEqual({ label: 'Before', text: 'errored for 2 d' });
    const mended = { drill, standing: standing({ state: 'never', sentence: 'never drilled' }), run: undefined };
    const over = composeNotification('resolved', mended, { ...context, before: { state: 'broken', since: now } });
    expect(over.headline).toBe('OVER orders: no longer broken; never drilled');
    expect(composeGone('orders', context).headline).toBe('OVER orders: its drill file was removed');
    expect(composeGone('file:drills/x.yaml', context).headline).toBe(
      'OVER drills/x.yaml: the file was fixed or removed',
    );
  });

  it('describes a state without a run, with the figures of the newest run', () => {
    const overdue = standing({ state: 'overdue', fingerprint: 'overdue', sentence: 'overdue: 2 h', runId: undefined });
    const notification = composeNotification('problem', { drill, standing: overdue, run: slow }, context);
    expect(notification.headline).toBe('OVERDUE orders: overdue: 2 h');
    expect(notification.nextStep).toBe(
      'Check that `firedrill serve` is running, and what the drill waits for: `firedrill list`.',
    );
    expect(notification.facts.map(({ label }) => label)).toContain('Recovery time');
  });

  it.for([
    ['never', 'orders', 'Run it once with `firedrill run orders`, and check that `firedrill serve` is running.'],
    [
      'interrupted',
      'orders',
      'Find out why Firedrill ended, then run the drill again with `firedrill run orders`. There is no verdict on the backup.',
    ],
    ['broken', 'orders', 'Fix the drill file; `firedrill validate` shows every problem in it.'],
    [
      'broken',
      'file:drills/x.yaml',
      'Fix the drill file; `firedrill validate drills/x.yaml` shows every problem in it.',
    ],
  ] as const)('for state %s of %s has a next step that can be pasted', ([state, name, step]) => {
    const subject = { drill, standing: standing({ drill: name, state, runId: undefined }), run: undefined };
    expect(composeNotification('problem', subject, context).nextStep).toBe(step);
  });

  it('for a broken file names the file', () => {
    const broken = standing({ drill: 'file:drills/x.yaml', state: 'broken', sentence: 'drill file is invalid: …' });
    const notification = composeNotification(
      'problem',
      { drill: undefined, standing: broken, run: undefined },
      context,
    );
    expect(notification.headline).toBe('BROKEN drills/x.yaml: drill file is invalid: …');
    expect(notification.facts).toEqual([{ label: 'State', text: 'drill file is invalid: …' }]);
  });

  it('has no control sequences, however hostile the backup, and can be stored', () => {
    const run = failedRun({ reasons: [{ reason: 'wrong-data', sentence: HOSTILE, hint: HOSTILE }] });
    const subject = { drill, standing: standing({ sentence: HOSTILE }), run };
    const notification = composeNotification('problem', subject, context);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(JSON.stringify(Object.values(notification))).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(parseNotification(JSON.stringify(notification))).toEqual(notification);
    expect(parseNotification('{"kind":"problem"}')).toBeUndefined();
    expect(parseNotification('no JSON')).toBeUndefined();
  });
});

describe('a digest', () => {
  it("lists the worst drills first, and sums up last night's runs", () => {
    const subjects = [
      subjectOf(passed({ drill: 'stock' }), passedRun({ drill: 'stock' })),
      subjectOf(errored({ drill: 'users', tier: 2 })),
      subjectOf(standing()),
      subjectOf(standing({ drill: 'never-ran', state: 'never', fingerprint: 'never', sentence: 'never drilled' })),
    ];
    const runs = [passedRun({ drill: 'stock', recoveryTimeMs: 12 * 60_000 }), passedRun(), slow];
    expect(composeDigest(subjects, runs, context)).toMatchObject({
      kind: 'digest',
      drill: undefined,
      headline: '2 of 4 drills need attention',
      facts: [
        { label: 'Runs', text: '3: 1 FAILED, 2 passed' },
        { label: 'Closest to its RTO', text: 'stock: 12 min (80 % of the RTO of 15 min)' },
      ],
      links: [{ label: 'All drills', url: 'https://firedrill.example.com' }],
      rows: [
        { state: 'failed', drill: 'orders', text: 'failed: recovery took 41 min, target 15 min (26 min over)' },
        { state: 'never', drill: 'never-ran', text: 'never drilled' },
        { state: 'errored', drill: 'users', text: 'errored: disk-full: no space' },
        { state: 'passed', drill: 'stock', text: 'recoverable; 4.0 s (RTO 15 min)' },
      ],
    });
  });

  it('says when all is well, and when nothing ran', () => {
    const digest = composeDigest([subjectOf(passed())], [], context);
    expect(digest).toMatchObject({
      headline: 'All good: 1 drill',
      state: 'passed',
      facts: [{ label: 'Runs', text: 'none' }],
    });
  });
});
