import { describe, expect, it } from 'vitest';
import { explainRefusal, withMeaning } from '../../../../src/engines/mysql/server/server-errors.ts';
import { DrillError } from '../../../../src/support/errors.ts';

const refusal = (errno: number, message: string): Error =>
  Object.assign(new Error(message), { errno, sqlState: 'HY000' });

describe('explainRefusal', () => {
  it.each([
    [1040, 'Too many connections'],
    [3032, 'The server is currently in offline mode'],
    [1290, 'The MySQL server is running with the --super-read-only option so it cannot execute this statement'],
    [1045, "Access denied for user 'x'@'localhost'"],
  ])('blames the dump when the server refuses the harness: %i', (errno, message) => {
    const error = explainRefusal(refusal(errno, message), 'a session');
    expect(error).toMatchObject({ code: 'restore-failed' });
    expect(String((error as Error).message)).toBe(
      `after the dump ran, the server refuses a session: ${message} (ERROR ${errno})`,
    );
  });

  it('reports system tables of an older version as a version mismatch', () => {
    for (const [errno, words] of [
      [1726, "Storage engine 'MyISAM' does not support system tables. [mysql.user]"],
      [1805, 'Column count of mysql.user is wrong. Expected 51, found 45. The table is probably corrupted'],
    ] as const)
      expect(explainRefusal(refusal(errno, words), 'its own account')).toMatchObject({
        code: 'version-unsupported',
        message: `the dump brings system tables of an older version: ${words}`,
      });
  });

  it('blames the backup when the server’s own tables are damaged', () => {
    expect(
      explainRefusal(refusal(1034, "Index for table 'proc' is corrupt; try to repair it"), 'a session'),
    ).toMatchObject({
      code: 'backup-corrupt',
      message: expect.stringMatching(/^the server’s own tables are damaged: Index for table 'proc'/),
    });
  });

  it('reports a full disk', () => {
    expect(explainRefusal(refusal(1114, "The table 'user' is full"), 'a session')).toMatchObject({ code: 'disk-full' });
  });

  it('leaves other errors unchanged', () => {
    const known = new DrillError('server-failed', 'the server went away');
    expect(explainRefusal(known, 'a session')).toBe(known);
    const other = new TypeError('x');
    expect(explainRefusal(other, 'a session')).toBe(other);
  });
});

describe('withMeaning', () => {
  it.each([
    [
      'Can\'t create table `a`.`b` (errno: 140 "Wrong create options")',
      "Can't create table `a`.`b` (Wrong create options)",
    ],
    ["Can't create table 'b' (errno: 140)", "Can't create table 'b' (Wrong create options)"],
    ["Can't open file: 'b' (errno: 24 - Too many open files)", "Can't open file: 'b' (Too many open files)"],
    ["Can't create table 'b' (errno: 9999)", "Can't create table 'b' (errno: 9999)"],
  ])('explains an error number: %s', (message, said) => {
    expect(withMeaning(message)).toBe(said);
  });
});
