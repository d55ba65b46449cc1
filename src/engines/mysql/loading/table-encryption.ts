import type { StatementKind } from '../sql/statement-kind.ts';

const QUOTED = /'(?:[^'\\]|\\[\s\S]|'')*'/g;
const KEY = /\bENCRYPTION_KEY_ID\b[`"]?\s*=\s*\d+/i;
const SWITCH = /\bENCRYPTED\b[`"]?\s*=/i;

/**
 * With `innodb_encrypt_tables`, MariaDB encrypts tables by default, and the dump shows only the key's number. A server without keys accepts it and stores the
 * rows unencrypted: all of the data is restored, and only its form on disk differs. So this is a warning, while ENCRYPTED=YES, which the server rejects without
 * keys, is the image's fault. Page and column compression need no warning: they use zlib, which every server has, and the providers of other algorithms are
 * chosen by a setting of the whole server, not by a dump.
 * @returns undefined for every other statement.
 */
export function encryptionWarning(kind: StatementKind, statement: string): string | undefined {
  if (kind.kind !== 'createTable' || !/ENCRYPTION_KEY_ID/i.test(statement)) return undefined;
  const words = statement.replaceAll(/=\s*'(\d+)'/g, '=$1').replaceAll(QUOTED, ' ');
  return KEY.test(words) && !SWITCH.test(words)
    ? 'tables with ENCRYPTION_KEY_ID and without ENCRYPTED are stored unencrypted here, since the server has no keys: their rows are all there'
    : undefined;
}
