import { DrillError, type ErrorCode } from '../support/errors.ts';

/** Who answers for something that a load met: the backup, the image it is restored into, or nobody, since no data is lost by it. */
export type Fault = 'failed' | 'errored' | 'warning';

interface Rule {
  readonly fault: Fault;
  /** Of what is errored: the code, and the next step. */
  readonly code?: ErrorCode;
  readonly hint?: string;
}

const USE_IMAGE = 'Name an image that has it in `engine.image`, or run the drill where it is installed.';

/**
 * The one table of whose fault it is, for all engines. An engine maps what its server or tool says to a kind; what follows from the kind is
 * decided here and nowhere else.
 */
const RULES = {
  // The backup: what no server of that version takes, or what came out as something else.
  refused: { fault: 'failed' },
  'changed-value': { fault: 'failed' },
  'changed-line-endings': { fault: 'failed' },
  'tool-error-in-dump': { fault: 'failed' },
  'missing-part': { fault: 'failed' },
  'server-disabled': { fault: 'failed' },

  // The image: with the right one, the same backup may well load.
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

  // Nobody: everybody meets it who restores such a dump, and no data is lost by it.
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

/** Something that a load met, as an engine reads it. */
export interface LoadFinding {
  readonly kind: FindingKind;
  /** One line for people: where, and what; without row data. */
  readonly text: string;
  /** In the place of the table's hint, where the engine knows a better next step. */
  readonly hint?: string;
}

export function faultOf(kind: FindingKind): Fault {
  return RULES[kind].fault;
}

/** @returns what a finding that is errored ends the run with; undefined for all others. */
export function lackOf({ kind, text, hint }: LoadFinding): DrillError | undefined {
  const rule: Rule = RULES[kind];
  if (rule.fault !== 'errored') return undefined;
  const advice = hint ?? rule.hint;
  return new DrillError(rule.code ?? 'image-incomplete', text, advice === undefined ? {} : { hint: advice });
}
