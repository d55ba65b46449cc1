import { isAtLeast } from '../../../support/versions.ts';

interface Removal {
  /** The first series without these functions. */
  readonly since: string;
  readonly names: readonly string[];
  readonly instead: string;
}

/** Source: the MySQL manual, "Features Removed in MySQL 8.0", "What Is New in MySQL 9.6". MariaDB has kept all of its own. */
const REMOVED: readonly Removal[] = [
  { since: '9.6', names: ['md5', 'sha', 'sha1'], instead: 'Use SHA2(…, 256) in the check' },
  {
    since: '8.0',
    names: ['password', 'old_password', 'encrypt', 'encode', 'decode', 'des_encrypt', 'des_decrypt'],
    instead: 'Use SHA2() or AES_ENCRYPT() in the check',
  },
  { since: '8.0', names: ['json_append'], instead: 'Use JSON_ARRAY_APPEND() in the check' },
  {
    since: '8.0',
    // only names that are unlikely to be used for a user's own function
    names: [
      ...['asbinary', 'astext', 'aswkb', 'aswkt', 'geometryfromtext', 'geomfromtext', 'geomfromwkb', 'glength'],
      ...['numpoints', 'pointfromtext', 'polyfromtext', 'polygonfromtext'],
    ],
    instead: 'Put ST_ before the name in the check',
  },
];

export interface RemovedFunction {
  /** In upper case. */
  readonly name: string;
  readonly since: string;
  readonly instead: string;
}

/** @returns when a built-in function was removed and what replaces it; undefined if a server of this version has it, or none ever did. */
export function removedFunction(name: string, type: 'mysql' | 'mariadb', version: string): RemovedFunction | undefined {
  if (type !== 'mysql') return undefined;
  const removal = REMOVED.find(({ names, since }) => names.includes(name.toLowerCase()) && isAtLeast(version, since));
  return removal && { name: name.toUpperCase(), since: removal.since, instead: removal.instead };
}

/** @returns the removed function that a rejected query called: found in the error, or in the query's text if the server no longer parses the name. */
export function removedFunctionIn(
  failure: { readonly number: number; readonly message: string; readonly sql: string },
  type: 'mysql' | 'mariadb',
  version: string,
): RemovedFunction | undefined {
  const named = NAMED.exec(failure.message)?.[1];
  if (failure.number === NO_SUCH_FUNCTION) return removedFunction(named ?? '', type, version);
  if (failure.number !== SYNTAX_ERROR) return undefined;
  // the error quotes the query from where parsing failed: after the name
  return /\bnear '\s*\(/.test(failure.message) && /\bpassword\s*\(/i.test(failure.sql)
    ? removedFunction('password', type, version)
    : undefined;
}

/** ER_SP_DOES_NOT_EXIST, ER_PARSE_ERROR. */
const NO_SUCH_FUNCTION = 1305;
const SYNTAX_ERROR = 1064;
const NAMED = /^FUNCTION (?:\S+\.)?(\S+) does not exist/i;
