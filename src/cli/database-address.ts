import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Engine } from '../engines/engine-descriptor.ts';
import type { SqlDescriptor } from '../engines/sql-descriptor.ts';
import { DrillError } from '../support/errors.ts';
import type { Redactor } from '../support/redact.ts';
import type { Io } from './io.ts';

type AddressWords = Pick<SqlDescriptor, 'urlSchemes' | 'passwordVariable'>;

export interface AddressOptions {
  readonly url: string | undefined;
  readonly passwordFile: string | undefined;
  readonly io: Pick<Io, 'env' | 'cwd'>;
  /** Receives the password. */
  readonly redactor?: Redactor | undefined;
}

/**
 * The running database that a command reads: `--url` or FIREDRILL_URL, with the password from a file, the URL, or the product's own variable, in this order.
 * @throws DrillError `usage`, without the URL, which may contain a password.
 */
export async function readDatabaseAddress(
  { type, sql: { urlSchemes, passwordVariable } }: Pick<Engine, 'type'> & { readonly sql: AddressWords },
  { url: given, passwordFile, io, redactor }: AddressOptions,
): Promise<{ readonly url: URL; readonly password: string | undefined }> {
  const text = given ?? io.env['FIREDRILL_URL'];
  const example = `${urlSchemes[0]}://user@host/database`;
  if (!text) {
    throw new DrillError('usage', 'no database named', { hint: `Give --url ${example}, or set FIREDRILL_URL.` });
  }
  const scheme = text.slice(0, Math.max(0, text.indexOf(':')));
  const url = parseUrl(text);
  if (!url || !urlSchemes.includes(scheme)) {
    throw new DrillError('usage', `the URL is not for a ${type} database`, { hint: `Write it as ${example}.` });
  }
  const password = await readPassword(passwordFile, io);
  const used = password ?? (url.password === '' ? io.env[passwordVariable] : undefined);
  for (const secret of [used, decode(url.password)]) if (secret) redactor?.add(secret);
  return { url, password: used };
}

/** A socket is given in a parameter; clients then omit the host, which URLs do not allow. */
function parseUrl(text: string): URL | undefined {
  const whole = URL.canParse(text) ? text : text.replace(/^(\w+:\/\/[^/?#]*@)(?=\/)/, '$1localhost');
  return URL.canParse(whole) ? new URL(whole) : undefined;
}

async function readPassword(file: string | undefined, { cwd }: Pick<Io, 'cwd'>): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return (await readFile(resolve(cwd, file), 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new DrillError('config-missing-file', `--password-file ${file} cannot be read (${reason})`, { cause: error });
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign: taken as it is
  }
}
