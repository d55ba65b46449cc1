import { DrillError, type ErrorCode } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { RequestOutcome } from '../../../support/store-request.ts';
import type { RcloneEnd } from './rclone-program.ts';

/** Exit codes with a defined meaning. Source: rclone's documentation, "Exit code". */
const EXIT_DIRECTORY_NOT_FOUND = 3;
const EXIT_FILE_NOT_FOUND = 4;
const EXIT_TEMPORARY = 5;

interface Cause {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
}

/**
 * Causes without a distinct exit code, matched by messages of rclone, of Go's network library and of the stores; the first match wins.
 */
const CAUSES: readonly Cause[] = [
  {
    pattern: /didn't find section in config file/,
    code: 'source-missing',
    what: 'rclone’s configuration has no remote of this name',
    hint: 'Run `rclone listremotes` as the user who runs Firedrill, and add the remote with `rclone config` or with RCLONE_CONFIG_… variables.',
  },
  {
    pattern: /unable to decrypt configuration|decrypt config|RCLONE_CONFIG_PASS|failed to load config file/i,
    code: 'source-credentials',
    what: 'rclone’s configuration file could not be read',
    hint: 'Set RCLONE_CONFIG_PASS if the configuration is encrypted; `rclone config file` shows where rclone looks for it.',
  },
  {
    pattern: /knownhosts: key (is unknown|mismatch)/,
    code: 'source-denied',
    what: 'the host key of the server is not one of the known hosts',
    hint: 'Check the server’s key, then correct the remote’s `known_hosts_file`.',
  },
  {
    pattern: /InvalidObjectState|BlobArchived|archived blob|storage class.*(not|restore)/i,
    code: 'backup-archived',
    what: 'the object is archived and has to be restored before it can be read',
    hint: 'Restore it in the store first, or keep the newest backups in a storage class that can be read immediately.',
  },
  {
    pattern:
      /unable to authenticate|no supported methods remain|InvalidAccessKeyId|SignatureDoesNotMatch|NoCredentialProviders|AuthenticationFailed|invalid_grant|invalid_client|couldn't fetch token|token expired|\b401\b|unauthorized|bad_auth_token|could not find default credentials|logon failure/i,
    code: 'source-credentials',
    what: 'the store does not accept the credentials',
    hint: 'Check the remote with `rclone lsd`, as the user who runs Firedrill; if it uses a token, renew it with `rclone config reconnect`.',
  },
  {
    pattern:
      /permission denied|access ?denied|\b403\b|forbidden|AuthorizationPermissionMismatch|insufficient permission/i,
    code: 'source-denied',
    what: 'reading is not permitted',
    hint: 'Allow the remote’s account to list and read there.',
  },
  {
    pattern:
      /connection refused|no such host|no route to host|network is unreachable|i\/o timeout|connection timed out|deadline exceeded|server misbehaving|TLS handshake timeout|connection reset|no answer/i,
    code: 'source-unreachable',
    what: 'the store does not answer',
    hint: 'Check host and port of the remote, and that this machine may reach them.',
  },
];

const THROTTLED = /\b429\b|too many requests|slow ?down|rate.?limit/i;

/** @returns whether retrying the same call may succeed. */
export function isTransient({ exitCode, stderr }: RcloneEnd): boolean {
  return exitCode === EXIT_TEMPORARY || (exitCode !== undefined && causeOf(stderr)?.code === 'source-unreachable');
}

/** @returns whether rclone reports that the file or directory does not exist. */
export function isNotFound({ exitCode, stderr }: RcloneEnd): boolean {
  return exitCode === EXIT_DIRECTORY_NOT_FOUND || exitCode === EXIT_FILE_NOT_FOUND || /object not found/.test(stderr);
}

/** The outcome of a call, recorded as a store request. Retries inside rclone are not visible. */
export function outcomeOf(end: RcloneEnd): RequestOutcome {
  if (end.exitCode === 0) return 'answered';
  if (isNotFound(end)) return 'refused';
  if (THROTTLED.test(end.stderr)) return 'throttled';
  const code = causeOf(end.stderr)?.code;
  if (code === undefined) return 'failed';
  return code === 'source-unreachable' ? 'unanswered' : 'refused';
}

/** Explains why a call failed. @param what the object or directory: `rclone:store:orders/a.dump`. */
export function explainRclone(end: RcloneEnd, what: string): DrillError {
  if (isNotFound(end)) {
    return new DrillError('source-missing', `there is no directory or bucket ${what}`, {
      hint: 'Check `backup.source` for a typo, and see what `rclone lsd` shows there.',
    });
  }
  const said = lastWords(end);
  const cause = causeOf(end.stderr);
  if (cause) return new DrillError(cause.code, `${what}: ${cause.what}`, { hint: cause.hint, details: [said] });
  return new DrillError('source-failed', `reading ${what} with rclone failed: ${said}`, {
    hint: 'Try the same with `rclone lsf`, as the user who runs Firedrill; its `-vv` shows more.',
  });
}

export function changed(what: string, how: string): DrillError {
  return new DrillError('backup-changed', `${what} ${how} since it was listed`, {
    hint: 'Run the drill again. If it happens each time, the drill and the backup job overlap: move one of them.',
  });
}

function causeOf(stderr: string): Cause | undefined {
  return CAUSES.find(({ pattern }) => pattern.test(stderr));
}

/** rclone's last message, which may span several lines, without time and level. */
function lastWords({ exitCode, stderr }: RcloneEnd): string {
  const messages = stderr.trim().split(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?:[A-Z]+ *: *)?/m);
  const lines = (messages.at(-1) ?? '').split('\n').map((line) => line.trim());
  const message = lines.filter((line) => line !== '').join(' ');
  return message === '' ? `exit code ${exitCode ?? 'unknown'}` : toPrintable(message, 500);
}
