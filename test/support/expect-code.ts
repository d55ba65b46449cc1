import { expect } from 'vitest';
import type { ErrorCode } from '../../src/support/errors.ts';

/** Expects the work to fail with a DrillError of that code. @returns the error. */
export async function expectCode(code: ErrorCode, work: () => Promise<unknown>): Promise<Error> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'DrillError', code });
  return error as Error;
}
