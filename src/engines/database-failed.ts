import { DrillError } from '../support/errors.ts';

/**
 * The error for a running database that cannot be read.
 * @param where the database and host, without a password: `shop on db1.example.com`.
 */
export function databaseFailed(where: string, cause: unknown, hint?: string): DrillError {
  const { message, code } = cause as { message?: unknown; code?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : String(code ?? cause);
  return new DrillError('database-failed', `${where}: ${text}`, { cause, hint: hint ?? hintFor(text, String(code)) });
}

function hintFor(text: string, code: string): string {
  if (/password|authentication|access denied|SASL/i.test(text)) {
    return 'Check the user, and give its password in the environment, in a file with --password-file, or in the URL.';
  }
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENOENT|timeout/.test(`${code} ${text}`)) {
    return 'Check host, port and socket in the URL, and that the server accepts connections from this machine.';
  }
  return 'Try the same URL with the product’s own client, from this machine and as this user.';
}
