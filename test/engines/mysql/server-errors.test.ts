import { describe, expect, it } from 'vitest';
import { explainRefusal } from '../../../src/engines/mysql/server-errors.ts';
import { DrillError } from '../../../src/support/errors.ts';

const refusal = (errno: number, message: string): Error =>
  Object.assign(new Error(message), { errno, sqlState: 'HY000' });

describe('explainRefusal', () => {
  it.each([
    [1040, 'Too many connections'],
    [3032, 'The server is currently in offline mode'],
    [1290, 'The MySQL server is running with the --super-read-only option so it cannot execute this statement'],
    [1045, "Access denied for user 'x'@'localhost'"],
  ])('says of the dump that the server refuses its own harness: %i', (errno, message) => {
    const error = explainRefusal(refusal(errno, message), 'a session');
    expect(error).toMatchObject({ code: 'restore-failed' });
    expect(String((error as Error).message)).toBe(
      `after the dump ran, the server refuses a session: ${message} (ERROR ${errno})`,
    );
  });

  it('tells a full disk as that', () => {
    expect(explainRefusal(refusal(1114, "The table 'user' is full"), 'a session')).toMatchObject({ code: 'disk-full' });
  });

  it('leaves alone what the server did not say', () => {
    const known = new DrillError('server-failed', 'the server went away');
    expect(explainRefusal(known, 'a session')).toBe(known);
    const other = new TypeError('x');
    expect(explainRefusal(other, 'a session')).toBe(other);
  });
});
