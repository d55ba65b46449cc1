import { describe, expect, it } from 'vitest';
import { COMMIT_LINES, CommitRange, readMinimumEnd } from '../../../../src/engines/postgres/log/choose-instant.ts';

const line = (manager: string, description: string): string =>
  `rmgr: ${manager.padEnd(11)} len (rec/tot):     34/    34, tx:        753, lsn: 0/0301CDD8, prev 0/0301CD98, desc: ${description}`;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 3, minute));
const commit = (minute: number) =>
  line('Transaction', `COMMIT 2026-11-27 03:${String(minute).padStart(2, '0')}:00.000000 UTC`);
const end = line('XLOG', 'BACKUP_END 0/02000028');
const draw = (lines: readonly string[], share: number, notBefore = at(0)): Date => {
  const range = new CommitRange('0/2000028');
  for (const each of lines) if (new RegExp(COMMIT_LINES).test(each)) range.readLine(each);
  return range.choose({ share, notBefore });
};

describe('a random instant', () => {
  const other = line('XLOG', 'BACKUP_END 0/5000028'); // from a later backup
  const log = [
    commit(1),
    end,
    commit(10),
    commit(20),
    other,
    line('Transaction', 'ABORT 2026-11-27 03:59:00.000000 UTC'),
  ];

  it.each([
    ['the first commit after the backup', 0, at(10).getTime()],
    ['the middle', 0.5, at(15).getTime()],
    ['just before the last commit', 1, at(20).getTime() - 1],
  ])('is between the end of the backup and the last commit: %s', (_what, share, expected) => {
    expect(Math.abs(draw(log, share).getTime() - expected)).toBeLessThanOrEqual(1);
  });

  it('is not before the earliest requested instant', () => {
    expect(draw(log, 0, at(18))).toEqual(at(18));
    expect(() => draw(log, 0, at(20))).toThrow(expect.objectContaining({ code: 'target-not-reached' }));
    expect(() => draw([commit(1), end], 0)).toThrow(/no transaction committed/);
  });

  it('is after the end of a backup from a standby, which writes no end record', () => {
    const control =
      "Database cluster state:               in archive recovery\nMinimum recovery ending location:     0/4000060\nMin recovery ending loc's timeline:  1\n";
    const range = new CommitRange('0/2000028', readMinimumEnd(control));
    for (const [lsn, minute] of [
      ['0/03000000', 1],
      ['0/04000060', 10],
      ['0/05000000', 20],
    ] as const) {
      range.readLine(commit(minute).replace('0/0301CDD8', lsn));
    }
    expect(range.choose({ share: 0, notBefore: at(0) })).toEqual(at(10));
    expect(readMinimumEnd('')).toBeUndefined();
  });

  it('is never while a database is being dropped', () => {
    const drop = line('Database', 'DROP dir 1663/16385');
    const of = (text: string, xid: number) => text.replace('tx:        753', `tx: ${String(xid).padStart(10)}`);
    const log = [end, commit(10), of(drop, 760), of(commit(12), 754), of(commit(20), 760), commit(30)];
    expect(draw(log, 0.05)).toEqual(at(11)); // the commit at 12 follows
    for (const share of [0.1, 0.3, 0.49]) expect(draw(log, share)).toEqual(at(20));
    const last = [end, commit(10), commit(12), of(drop, 760), of(commit(20), 760)];
    expect(draw(last, 0.9)).toEqual(new Date(at(12).getTime() - 1));
    expect(() => draw([end, commit(10), of(drop, 760), of(commit(20), 760)], 0.9)).toThrow(
      expect.objectContaining({ code: 'target-not-reached' }),
    );
  });

  it('is just before a single commit, or at it', () => {
    expect(draw([end, commit(10)], 1)).toEqual(at(10));
  });
});
