import { describe, expect, it } from 'vitest';
import { checkError, lacksRightToRead } from '../../../../src/engines/postgres/server/check-errors.ts';

const refusal = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe('a check that the server refuses', () => {
  it.each([
    [
      '57014',
      'canceling statement due to statement timeout',
      'check-malformed',
      'the check did not finish within 5 min',
    ],
    [
      '57014',
      'canceling statement due to user request',
      'server-failed',
      'the check was canceled before its timeout of 5 min: canceling statement due to user request',
    ],
    [
      '55000',
      'materialized view "words" has not been populated',
      'wrong-data',
      'materialized view "words" has not been populated',
    ],
    [
      '42501',
      'permission denied for function pay',
      'check-malformed',
      'the check needs EXECUTE on function pay, which its role does not have',
    ],
    [
      '42501',
      'permission denied for large object 16468',
      'check-malformed',
      'the check needs SELECT on large object 16468, which its role does not have',
    ],
    [
      '42501',
      'permission denied for materialized view sums',
      'check-malformed',
      'the check needs SELECT on materialized view sums, which its role does not have',
    ],
    ['42501', 'must be superuser to read files', 'check-malformed', 'must be superuser to read files'],
  ])('with %s %s is %s', (state, said, code, message) => {
    expect(checkError(refusal(state, said), 300_000)).toMatchObject({ code, message });
  });

  it('for a missing read privilege is recognised, since it may be a view owner’s', () => {
    expect(lacksRightToRead(checkError(refusal('42501', 'permission denied for table customer'), 1000))).toBe(true);
    expect(lacksRightToRead(checkError(refusal('42501', 'permission denied for function pay'), 1000))).toBe(false);
    expect(lacksRightToRead(checkError(refusal('42P01', 'relation "t" does not exist'), 1000))).toBe(false);
  });
});
