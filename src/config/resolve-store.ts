import { resolve } from 'node:path';
import { isPostgresUrl, parsePostgresUrl, type StoreAddress, unknownScheme } from '../record/store-address.ts';
import type { Redactor } from '../support/redact.ts';
import type { Problem } from './problem.ts';
import { type Environment, expandVariables } from './variables.ts';

export interface StoreContext {
  readonly env: Environment;
  /** Receives the password. */
  readonly redactor: Redactor;
  /** Absolute path that relative paths are based on. */
  readonly base: string;
}

export type StoreProblem = Pick<Problem, 'code' | 'message'>;

/** Reads `store:` of the settings file: a path, or a URL whose parts may contain variables. A plaintext password is refused. */
export function resolveStore(text: string, { env, redactor, base }: StoreContext): StoreAddress | StoreProblem {
  const missing = new Set<string>();
  const expand = (part: string) => {
    const expanded = expandVariables(part, env);
    if ('text' in expanded) return expanded.text;
    for (const name of expanded.missing) missing.add(name);
    return part;
  };
  if (isPostgresUrl(text) && CLEAR_PASSWORD.test(text))
    return { code: 'config-invalid', message: 'must not hold a password; write it as ${NAME}, or set PGPASSWORD' };
  // The parts of a URL are expanded one by one, so that a password may contain any character.
  const whole = isPostgresUrl(text) ? text : expand(text);
  const address = parse(whole, isPostgresUrl(text) ? expand : (part) => part, { redactor, base });
  if (missing.size === 0) return address;
  return { code: 'config-missing-variable', message: `the variable ${[...missing].join(', ')} is not set` };
}

/** `user:password@` without a variable as the password. A colon without a later `@` belongs to the port. */
const CLEAR_PASSWORD = /^\w+:\/\/[^/?#@:]*:(?!\$\{\w+\})[^/?#@]+@/;

/** Reads `FIREDRILL_STORE`, which is used as is. */
export function resolveStoreVariable(text: string, context: Omit<StoreContext, 'env'>): StoreAddress | StoreProblem {
  return parse(text, (part) => part, context);
}

function parse(
  text: string,
  expand: (part: string) => string,
  { redactor, base }: Omit<StoreContext, 'env'>,
): StoreAddress | StoreProblem {
  const toPath = (path: string) => resolve(base, path);
  const scheme = unknownScheme(text);
  if (scheme !== undefined)
    return { code: 'config-invalid', message: `must be the path of a file or a postgres:// URL, not ${scheme}` };
  if (!isPostgresUrl(text)) return { kind: 'sqlite', path: toPath(text) };
  const address = parsePostgresUrl(text, { expand, toPath });
  if (typeof address === 'string') return { code: 'config-invalid', message: address };
  if (address.password !== undefined) redactor.add(address.password);
  return address;
}
