import { DrillError, type ErrorCode } from '../support/errors.ts';

/** Who is at fault for a finding of a load: the backup (`failed`), the image (`errored`), or nobody, since no data is lost (`warning`). */
export type Fault = 'failed' | 'errored' | 'warning';

interface Rule {
  readonly fault: Fault;
  /** For `errored`: the error code, and the next step. */
  readonly code?: ErrorCode;
  readonly hint?: string;
}

const USE_IMAGE = 'Name an image that has it in `engine.image`, or run the drill where it is installed.';

/**
 * The single table that assigns fault to findings, for all engines. An engine maps what its server or tool reports to a kind; only this table decides the
 * consequence.
 */
const RULES = {
  // The backup is at fault: no server of that version accepts it, or it was restored with a different value.
  refused: { fault: 'failed' },
  'changed-value': { fault: 'failed' },
  'changed-line-endings': { fault: 'failed' },
  'tool-error-in-dump': { fault: 'failed' },
  'missing-part': { fault: 'failed' },
  'server-disabled': { fault: 'failed' },

  // The image is at fault: with the right one, the same backup may load.
  'extension-missing': { fault: 'errored', code: 'extension-missing', hint: USE_IMAGE },
  'preload-missing': {
    fault: 'errored',
    code: 'image-incomplete',
    hint: 'Name the library in `engine.preload`, with an image that has it in `engine.image`.',
  },
  'library-missing': { fault: 'errored', code: 'image-incomplete', hint: USE_IMAGE },
  'collation-missing': { fault: 'errored', code: 'image-incomplete', hint: USE_IMAGE },
  'encoding-missing': { fault: 'errored', code: 'image-incomplete', hint: USE_IMAGE },
  'dictionary-missing': { fault: 'errored', code: 'image-incomplete', hint: USE_IMAGE },
  'plugin-missing': { fault: 'errored', code: 'image-incomplete', hint: USE_IMAGE },
  'storage-engine-missing': { fault: 'errored', code: 'image-incomplete', hint: USE_IMAGE },
  'keyring-missing': {
    fault: 'errored',
    code: 'image-incomplete',
    hint: 'Name an image whose server has a keyring configured in `engine.image`, or drill a dump of the tables without ENCRYPTION.',
  },
  'directory-missing': { fault: 'errored', code: 'image-incomplete', hint: USE_IMAGE },
  'setting-needed': {
    fault: 'errored',
    code: 'image-incomplete',
    hint: 'Set it under `engine.settings` in the drill.',
  },

  // Nobody is: it happens in every restore of such a dump, and no data is lost.
  'drop-of-missing': { fault: 'warning' },
  'drop-of-own': { fault: 'warning' },
  'already-there': { fault: 'warning' },
  'login-plugin-missing': { fault: 'warning' },
  'foreign-grantor': { fault: 'warning' },
  'setting-of-missing': { fault: 'warning' },
  'own-superuser': { fault: 'warning' },
  'outside-data': { fault: 'warning' },
  tablespace: { fault: 'warning' },
  'unknown-setting': { fault: 'warning' },
  'locale-setting': { fault: 'warning' },
  'text-after-end': { fault: 'warning' },
  placement: { fault: 'warning' },
  'program-left-out': { fault: 'warning' },
} as const satisfies Record<string, Rule>;

export type FindingKind = keyof typeof RULES;

/** Something that a load encountered, as classified by an engine. */
export interface LoadFinding {
  readonly kind: FindingKind;
  /** One human-readable line: the location and the problem, without row data. */
  readonly text: string;
  /** Replaces the table's hint if the engine knows a better next step. */
  readonly hint?: string;
}

export function faultOf(kind: FindingKind): Fault {
  return RULES[kind].fault;
}

/** @returns the error with which an `errored` finding ends the run; undefined for all others. */
export function lackOf({ kind, text, hint }: LoadFinding): DrillError | undefined {
  const rule: Rule = RULES[kind];
  if (rule.fault !== 'errored') return undefined;
  const advice = hint ?? rule.hint;
  return new DrillError(rule.code ?? 'image-incomplete', text, advice === undefined ? {} : { hint: advice });
}
