import { DrillError, type ErrorCode } from '../../../src/support/errors.ts';

/** @returns the code of the error that `work` throws; undefined when it throws none. */
export function thrownCode(work: () => unknown): ErrorCode | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof DrillError) return error.code;
    throw error;
  }
}
