import { describe, expect, it } from 'vitest';
import type { LogArchive, RecoveryTarget } from '../../../../src/engines/format.ts';
import { planRecovery } from '../../../../src/engines/postgres/recovery/plan-recovery.ts';

const label = { startLsn: '0/5000028', startSegment: '000000010000000000000005', timeline: 1 };

function plan(target: RecoveryTarget, names: readonly string[] | undefined, isStopped = true) {
  const files = names?.map((key) => ({ key, sizeBytes: 1 }));
  const log = files && ({ description: 'wal/', files } as unknown as LogArchive);
  const { recovery, notes } = planRecovery({ label, isStopped }, { recovery: { target, log } });
  return [recovery.target.kind, recovery.log !== undefined, notes];
}

describe('a copy of a stopped server', () => {
  it.each<[what: string, target: RecoveryTarget, names: readonly string[] | undefined, as: unknown[]]>([
    [
      'to its own end, whatever was logged since',
      { kind: 'backup-end' },
      [label.startSegment],
      ['backup-end', false, []],
    ],
    ['to the end of a log that goes on', { kind: 'latest' }, [label.startSegment], ['latest', true, []]],
    ['to the end of a log on a later timeline', { kind: 'latest' }, ['000000020000000000000004'], ['latest', true, []]],
    ['to the end of an empty archive', { kind: 'latest' }, [], ['latest', true, []]],
    ['to an instant', { kind: 'time', at: new Date(0) }, ['000000010000000000000004'], ['time', true, []]],
    ['without a log', { kind: 'latest' }, undefined, ['latest', false, []]],
    [
      'to its own end where its log ends before, and says so',
      { kind: 'latest' },
      ['000000010000000000000003.gz', '000000010000000000000004.gz'],
      [
        'backup-end',
        false,
        [
          'wal/ ends with 000000010000000000000004, before the server was shut down: it holds nothing to replay on the copy',
        ],
      ],
    ],
  ])('is recovered %s', (_what, target, names, as) => {
    expect(plan(target, names)).toEqual(as);
  });
});

it('a log that ends before a backup of a running server is not dropped, so that it is found incomplete later', () => {
  expect(plan({ kind: 'latest' }, ['000000010000000000000004'], false)).toEqual(['latest', true, []]);
});
