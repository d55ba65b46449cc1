import type { RunRecord } from '../../record/run-record.ts';
import type { ErrorCode } from '../../support/errors.ts';
import type { ReadDamage, Reason } from '../../support/vocabulary.ts';

/** What a run on a damaged backup shows. */
export type TrialFinding =
  /** It did not pass, for the expected reason. */
  | { readonly kind: 'caught'; readonly by: readonly string[] }
  /** It passed, or it blamed something else. `why` is undefined when it passed. */
  | { readonly kind: 'slipped'; readonly why: string | undefined }
  /** It reached no verdict for a reason unrelated to the damage, so it proves nothing. */
  | { readonly kind: 'unclear'; readonly why: string };

type Judged = Pick<RunRecord, 'status' | 'verdict' | 'reasons' | 'checks' | 'error'>;

/**
 * How a run must end for each kind of damage. A backup that is damaged, stale or from another database fails. A failing store or a wrong key is not the
 * backup's fault, so there the run is errored.
 */
const EXPECTED: Readonly<
  Record<ReadDamage, { readonly reasons: readonly Reason[]; readonly codes: readonly ErrorCode[] }>
> = {
  truncate: { reasons: ['unrestorable', 'wrong-data'], codes: [] },
  flip: { reasons: ['unrestorable', 'wrong-data'], codes: [] },
  stale: { reasons: ['unrestorable', 'wrong-data'], codes: [] },
  foreign: { reasons: ['unrestorable', 'wrong-data'], codes: ['key-wrong', 'backup-encrypted', 'engine-mismatch'] },
  'failing-store': { reasons: [], codes: ['source-failed'] },
  'slow-source': { reasons: ['too-slow'], codes: [] },
  'wrong-key': { reasons: [], codes: ['key-wrong', 'backup-encrypted'] },
};

/** Errors that can end any run, and so say nothing about the damage. Any other unexpected ending blames the wrong thing. */
const OUTSIDE: ReadonlySet<ErrorCode> = new Set([
  'source-missing',
  'source-denied',
  'source-credentials',
  'source-wrong-region',
  'source-unreachable',
  'backup-changed',
  'budget-exceeded',
  'price-missing',
  'key-missing',
  'protection-unsupported',
  'protection-unknown',
  'engine-unreachable',
  'image-missing',
  'tool-missing',
  'sandbox-refused',
  'sandbox-died',
  'sandbox-leaked',
  'out-of-memory',
  'disk-full',
  'store-failed',
  'store-newer',
  'store-incomplete',
]);

/** @param run on the damaged backup. Pure. */
export function judgeTrial(kind: ReadDamage, run: Judged): TrialFinding {
  const { reasons, codes } = EXPECTED[kind];
  if (run.status === 'completed') {
    const found = run.reasons.filter(({ reason }) => reasons.includes(reason));
    if (found.length > 0) return { kind: 'caught', by: describeCatching(run, found[0]?.reason) };
    const blamed = run.reasons.map(({ reason }) => reason).join(', ');
    return { kind: 'slipped', why: run.verdict === 'passed' ? undefined : `the run failed (${blamed})` };
  }
  const code = run.error?.code;
  if (code !== undefined && codes.includes(code)) return { kind: 'caught', by: [`the run, errored (${code})`] };
  const why = `the run was ${run.status}${code === undefined ? '' : `: ${code}`}`;
  return run.status === 'errored' && code !== undefined && !OUTSIDE.has(code)
    ? { kind: 'slipped', why }
    : { kind: 'unclear', why };
}

/** The checks that failed, or what ended the restore. */
function describeCatching({ checks, error, reasons }: Judged, reason: Reason | undefined): readonly string[] {
  const failed = checks.flatMap(({ name, passed }) => (passed ? [] : [name]));
  const isRestore = reasons.some((one) => one.reason === 'unrestorable');
  if (isRestore) return [`the restore (${error?.code ?? 'restore-failed'})`];
  if (failed.length > 0) return failed;
  return [reason === 'too-slow' ? 'the RTO (too-slow)' : `the run (${error?.code ?? reason})`];
}
