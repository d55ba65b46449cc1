import { DrillError, type ErrorCode } from '../../support/errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
  /** Precedes the server's message. */
  readonly prefix?: string;
}

/** Causes of failed check queries that all servers share, each with the next step. */
const MEANINGS = {
  'missing-in-schema': {
    code: 'wrong-data',
    hint: 'Either the backup lacks it, or the check misspells it: compare with production, and check the name of the schema.',
  },
  'missing-in-database': {
    code: 'wrong-data',
    hint: 'Either the backup lacks it, or the check misspells it: compare with production, and check the name of the database.',
  },
  damaged: {
    code: 'wrong-data',
    prefix: 'damaged data: ',
    hint: 'The restored data cannot be read: take a new backup and check the disk that this one came from.',
  },
  'disk-full': {
    code: 'disk-full',
    hint: 'The query’s temporary files filled the sandbox: free space, or make the query smaller.',
  },
  'out-of-memory': { code: 'out-of-memory', hint: 'Raise `sandbox.memory` in the drill.' },
  malformed: {
    code: 'check-malformed',
    hint: 'Try the query on a copy of the database, as one single statement.',
  },
} as const satisfies Record<string, Meaning>;

export type CheckFailure = keyof typeof MEANINGS;

/** @param message the server's, without row data. */
export function checkFailure(
  failure: CheckFailure,
  message: string,
  options: { readonly cause?: unknown } = {},
): DrillError {
  const { code, prefix = '', hint }: Meaning = MEANINGS[failure];
  return new DrillError(code, `${prefix}${message}`, { ...options, hint });
}
