import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../support/free-up-space.ts';
import { toPrintable } from '../../../support/printable.ts';
import { isKilled } from '../../../support/tool-killed.ts';

interface Meaning {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly hint?: string;
}

/** The single table that assigns fault to failures reported by etcd's programs. */
const MEANINGS: readonly Meaning[] = [
  {
    pattern: /no space left on device/i,
    code: 'disk-full',
    hint: FREE_UP_SPACE,
  },
  {
    pattern: /cannot allocate memory|out of memory/i,
    code: 'out-of-memory',
    hint: 'Raise `sandbox.memory` in the drill.',
  },
  {
    pattern: /corrupt cluster/i,
    code: 'restore-failed',
    hint: 'The cluster had raised its CORRUPT alarm when the snapshot was taken: compare its members.',
  },
  {
    pattern: /etcdserver: permission denied/i,
    code: 'check-malformed',
    hint: 'Checks run as a user that may only read keys.',
  },
  {
    pattern: /permission denied|operation not permitted|read-only file system/i, // of its files
    code: 'sandbox-refused',
  },
  {
    pattern:
      /unknown (?:shorthand )?flag|bad (?:sort|consistency)|(?:get command|`--\S+`).*(?:needs|only|cannot)|required revision|invalid (?:argument|syntax)|is only for/i,
    code: 'check-malformed',
  },
];

/**
 * @param what the failed action; starts the sentence: `GET was not answered`. @param said the program's output, any number of lines.
 * @param otherwise the code for everything that is not in the table.
 */
export function etcdError(
  sandbox: Pick<Sandbox, 'gone'>,
  what: string,
  { exitCode, said, otherwise, hint }: { exitCode: number; said: string; otherwise: ErrorCode; hint?: string },
): DrillError {
  if (sandbox.gone.aborted && sandbox.gone.reason instanceof DrillError) return sandbox.gone.reason;
  const why = toPrintable(lastError(said) || `exit code ${exitCode}`, 300);
  const known = isKilled(exitCode) ? KILLED : MEANINGS.find(({ pattern }) => pattern.test(said));
  const advice = known ? known.hint : hint;
  return new DrillError(known?.code ?? otherwise, `${what}: ${why}`, advice === undefined ? {} : { hint: advice });
}

const KILLED = { code: 'out-of-memory', hint: 'Raise `sandbox.memory` in the drill.' } as const;

/** Follows its log, which has one JSON object per line. */
function lastError(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('{'));
  return (lines.findLast((line) => line.startsWith('Error:')) ?? lines.at(-1) ?? '').replace(/^Error: /, '');
}
