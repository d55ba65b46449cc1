import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';

interface Cause {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** The cause, to follow "the server does not start on KEY: ". */
  readonly what: (match: RegExpExecArray) => string;
  readonly hint: string;
}

const TAKE_ANOTHER = 'Drill an older backup with `--backup`, and take a new one.';
const OTHER_SERVER =
  'Set `engine.version` to the version of the backed-up server, or name an image that has it in `engine.image`.';

/** `80036` is 8.0.36. */
function versionOf(digits = ''): string {
  const number = Number(digits);
  return `${Math.floor(number / 10_000)}.${Math.floor(number / 100) % 100}.${number % 100}`;
}

/** Reasons for a server to reject a data directory; the first match wins. Sources: the products' error messages, sql/ and storage/innobase/. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /Cannot boot server version (\d+) on data directory built by version (\d+)/,
    code: 'version-unsupported',
    what: ([, server, data]) => `its version is ${versionOf(data)}, and the server’s is ${versionOf(server)}`,
    hint: OTHER_SERVER,
  },
  {
    pattern:
      /(?:Invalid|Unsupported) (?:MySQL|MariaDB)? ?(?:server )?(?:upgrade|downgrade)[^\n]*|Invalid (?:MySQL )?server (?:up|down)grade: Cannot (?:up|down)grade from (\d+) to (\d+)/i,
    code: 'version-unsupported',
    what: ([line]) => toPrintable(line, 200),
    hint: OTHER_SERVER,
  },
  {
    pattern:
      /Upgrade after a crash is not supported[^\n]*|Unsupported redo log format[^\n]*|redo log was created (?:with|before)[^\n]*|(?:Down|Up)grading from .* is not supported/,
    code: 'version-unsupported',
    what: ([line]) => `its redo log is of another version: ${toPrintable(line, 200)}`,
    hint: OTHER_SERVER,
  },
  {
    pattern:
      /[Ee]ncryption key is not found|Encrypted page \[page id|Initialization of encryption failed|Can't find master key from keyring|can't find (?:the )?(?:master|encryption) key|encryption (?:service or used )?key_?(?:id)?[^\n]*(?:not available|not found|missing)|Obtaining redo log encryption key|[Cc]annot be decrypted|is encrypted but|decryption failed/i,
    code: 'image-incomplete',
    what: () => 'its files are encrypted, and the sandbox has no key for them',
    hint: 'Of MariaDB, set `backup.keys` to the key file of `file_key_management`. Other keys of a server’s own cannot be given to a drill: drill a dump, or name an image in `engine.image` whose server has the key.',
  },
  {
    pattern: /uses page size (\d+), but the innodb_page_size[^\n]* is (\d+)|Data file[^\n]*page size[^\n]*/,
    code: 'restore-failed',
    what: ([line]) => `its page size differs: ${toPrintable(line, 200)}`,
    hint: 'Set `engine.settings: { innodb_page_size: … }` to that of the backed-up server.',
  },
  {
    pattern: /Different lower_case_table_names settings for server \('?(\d)'?\) and data dictionary \('?(\d)'?\)/,
    code: 'restore-failed',
    what: ([, , data]) => `it was made with lower_case_table_names=${data}`,
    hint: 'Set `engine.settings: { lower_case_table_names: 1 }` in the drill.',
  },
  {
    pattern: /Found (\d+) prepared transactions?! It means that [^\n]*/i,
    code: 'restore-failed',
    what: ([, count]) =>
      `${count} prepared transactions are open, and only the binary log of that moment tells which of them committed`,
    hint: 'Include the binary logs in the snapshot, or stop the server before copying its files.',
  },
  {
    pattern:
      /Can't open and lock privilege tables[^\n]*|Fatal error: Can't open[^\n]*(?:privilege|mysql\.)[^\n]*|Table 'mysql\.[\w]+' doesn't exist/,
    code: 'backup-truncated',
    what: ([line]) => `it lacks system tables: ${toPrintable(line, 200)}`,
    hint: 'A backup of some databases only is not enough for a server: back up the database mysql with them.',
  },
  {
    pattern: /Operating system error number 13\b|Permission denied/,
    code: 'server-failed',
    what: () => 'the server is not allowed to read its files',
    hint: 'Read the last lines of its log above.',
  },
  {
    pattern:
      /Database page corruption|corrupted page|page corruption|is corrupt|Missing FILE_CHECKPOINT|Missing FILE_(?:CREATE|DELETE|MODIFY)|[Ii]nvalid (?:log|redo log) (?:header|block) checksum|No valid checkpoint found|checksum mismatch|Corruption of|seems corrupt|is too short|Cannot create .* corrupted|Missing MLOG_|does not match the (?:file|actual) size|is of a different size|File '[^']*aria_log_control'[^\n]*|Could not open mysql\.plugin|Aria recovery failed|The log sequence numbers? \S+ (?:and|in)/i,
    code: 'backup-corrupt',
    what: ([line]) => toPrintable(line, 200),
    hint: TAKE_ANOTHER,
  },
];

/** @param lines of errors in the server's log. @returns `error` if none of them explains the failure. */
export function explainStart(key: string, lines: readonly string[], error: unknown): unknown {
  if (!(error instanceof DrillError) || error.code !== 'server-failed') return error;
  return explainLog(`the server does not start on ${key}`, lines, error) ?? error;
}

/** @param subject what failed, to precede a colon. @returns undefined if none of the lines explains it. */
export function explainLog(subject: string, lines: readonly string[], cause?: unknown): DrillError | undefined {
  const text = lines.join('\n');
  for (const { pattern, code, what, hint } of CAUSES) {
    const match = pattern.exec(text);
    if (!match) continue;
    const details = lines.slice(-8).map((line) => toPrintable(line, 300));
    return new DrillError(code, `${subject}: ${what(match)}`, { hint, details, cause });
  }
  return undefined;
}

/** A setting that the data directory requires. @returns undefined if there is none, so that another start would fail as well. */
export function settingAskedFor(lines: readonly string[]): Readonly<Record<string, string>> | undefined {
  const text = lines.join('\n');
  const pageSize = /uses page size (\d+), but the innodb_page_size/.exec(text)?.[1];
  if (pageSize !== undefined) return { innodb_page_size: pageSize };
  const letterCase =
    /Different lower_case_table_names settings for server \('?\d'?\) and data dictionary \('?([01])'?\)/.exec(
      text,
    )?.[1];
  return letterCase === undefined ? undefined : { lower_case_table_names: letterCase };
}
