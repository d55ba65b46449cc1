import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ALL_DRIVERS } from '../backup/registry.ts';
import type { Redactor } from '../support/redact.ts';
import type { FileReference } from '../verify/check-kind.ts';
import { CHECK_KEYS, CHECK_KINDS } from '../verify/registry.ts';
import { formatKey, type Problem } from './problem.ts';
import { type Environment, expandVariables } from './variables.ts';

/** What a drill file refers to outside itself, already read. Keys are paths such as `backup.endpoint`, `checks[0].sql`. */
export interface References {
  /** Texts with their variables replaced, and secrets. */
  readonly texts: ReadonlyMap<string, string>;
  /** Contents of the files that checks refer to, by the key of the reference: `checks[0].sql.file`. */
  readonly checkTexts: ReadonlyMap<string, string>;
  /** Absolute path, or URL. */
  readonly runbook: string | undefined;
  /** Missing variables and files of `backup.identity.credentials`: `backup.identity.credentials.profile: the variable …`. */
  readonly unavailable: readonly string[];
}

export interface ReadContext {
  /** Absolute path of the file with the references. */
  readonly file: string;
  readonly env: Environment;
  readonly redactor: Redactor;
  readonly report: (path: readonly PropertyKey[], code: Problem['code'], message: string) => void;
}

export type Raw = Readonly<Record<string, unknown>>;

/**
 * Reads the variables, secrets and files that the raw drill refers to. It works on the unvalidated mapping, so that missing references
 * are reported along with invalid values; values of the wrong type are left to the schema.
 */
export async function readReferences(raw: Raw, ctx: ReadContext): Promise<References> {
  const texts = new Map<string, string>();
  expandInto(texts, raw, [], 'heartbeat', ctx);
  ctx.redactor.add(texts.get('heartbeat') ?? ''); // anyone who knows the URL can report success
  expandInto(texts, asMapping(raw['engine']) ?? {}, ['engine'], 'image', ctx);
  const backup = asMapping(raw['backup']);
  if (backup) await readSourceTexts(texts, backup, ['backup'], ctx);
  const log = asMapping(backup?.['log']);
  if (log) await readSourceTexts(texts, log, ['backup', 'log'], ctx);
  const unavailable: string[] = [];
  const credentials = asMapping(asMapping(backup?.['identity'])?.['credentials']);
  if (credentials) {
    const path = ['backup', 'identity', 'credentials'];
    const report: ReadContext['report'] = (path, code, message) => {
      if (code === 'config-invalid') ctx.report(path, code, message);
      else unavailable.push(`${formatKey(path)}: ${message}`);
    };
    await readSourceKeys(texts, credentials, path, { ...ctx, report });
  }
  return {
    texts,
    unavailable,
    checkTexts: await readCheckFiles(raw, ctx),
    runbook: await findRunbook(raw['runbook'], ctx),
  };
}

async function readSourceTexts(
  texts: Map<string, string>,
  holder: Raw,
  path: readonly string[],
  ctx: ReadContext,
): Promise<void> {
  const source = asMapping(holder['source']);
  if (!source) expandInto(texts, holder, path, 'source', ctx);
  await readSourceKeys(texts, holder, path, ctx);
  if (!source) return;
  expandInto(texts, source, [...path, 'source'], 'url', ctx);
  await readSourceKeys(texts, source, [...path, 'source'], ctx);
}

async function readSourceKeys(
  texts: Map<string, string>,
  holder: Raw,
  path: readonly string[],
  ctx: ReadContext,
): Promise<void> {
  for (const driver of ALL_DRIVERS) {
    for (const key of driver.texts) expandInto(texts, holder, path, key, ctx);
    for (const key of driver.secrets) await readSecretInto(texts, holder, path, key, ctx);
  }
}

/** Reads a secret that a key references, and adds it to the redactor. */
export async function readSecretInto(
  texts: Map<string, string>,
  holder: Raw,
  path: readonly string[],
  key: string,
  ctx: ReadContext,
): Promise<void> {
  const secret = await readSecret(holder[key], [...path, key], ctx);
  if (secret === undefined) return;
  ctx.redactor.add(secret);
  texts.set([...path, key].join('.'), secret);
}

export function expandInto(
  texts: Map<string, string>,
  holder: Raw,
  path: readonly string[],
  key: string,
  ctx: ReadContext,
): void {
  const expanded = expand(holder[key], [...path, key], ctx);
  if (expanded !== undefined) texts.set([...path, key].join('.'), expanded);
}

function expand(value: unknown, path: readonly string[], ctx: ReadContext): string | undefined {
  if (typeof value !== 'string') return undefined;
  const result = expandVariables(value, ctx.env);
  if ('text' in result) return result.text;
  for (const name of result.missing) {
    ctx.report(
      path,
      'config-missing-variable',
      `the variable ${name} is not set or empty; set it, or write "$\{${name}:-default}"`,
    );
  }
  return undefined;
}

async function readSecret(value: unknown, path: readonly string[], ctx: ReadContext): Promise<string | undefined> {
  const name = typeof value === 'string' ? /^\$\{([A-Za-z_]\w*)\}$/.exec(value)?.[1] : undefined;
  if (name !== undefined) {
    const secret = ctx.env[name];
    if (!secret)
      ctx.report(path, 'config-missing-variable', `the variable ${name} is not set or empty; it holds this secret`);
    return secret || undefined;
  }
  const file = expand(asMapping(value)?.['file'], [...path, 'file'], ctx);
  if (file === undefined || file.trim() === '') return undefined; // the schema reports a malformed secret
  const text = await read(resolve(dirname(ctx.file), file), file, [...path, 'file'], ctx);
  const secret = text?.replace(/\r?\n$/, '');
  if (secret === '') ctx.report([...path, 'file'], 'config-invalid', `the file ${file} is empty; it holds this secret`);
  return secret || undefined;
}

async function readCheckFiles(raw: Raw, ctx: ReadContext): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const checks: readonly unknown[] = Array.isArray(raw['checks']) ? raw['checks'] : [];
  for (const [index, check] of checks.entries()) {
    for (const { path: below, file, holds } of findCheckFiles(asMapping(check) ?? {})) {
      if (file.trim() === '') continue;
      const path = ['checks', index, ...below];
      const text = await readBeside(file, path, ctx);
      if (text?.trim() === '') ctx.report(path, 'config-invalid', `the file ${file} is empty; it holds ${holds}`);
      else if (text !== undefined) texts.set(formatKey(path), text);
    }
  }
  return texts;
}

function findCheckFiles(check: Raw): readonly FileReference[] {
  return CHECK_KEYS.flatMap((key) => (key in check ? (CHECK_KINDS[key].findFiles?.(check) ?? []) : []));
}

/** Allows only files in the drill's directory or below it, because a drill and its SQL are reviewed and moved together. */
async function readBeside(file: string, path: readonly PropertyKey[], ctx: ReadContext): Promise<string | undefined> {
  const directory = dirname(ctx.file);
  const absolute = resolve(directory, file);
  const escapes = (base: string, target: string) => relative(base, target).split(sep)[0] === '..';
  const refuse = () => {
    ctx.report(
      path,
      'config-invalid',
      `${file} is outside the drill’s directory; keep SQL files next to the drill file or below it`,
    );
    return undefined;
  };
  if (isAbsolute(file) || escapes(directory, absolute)) return refuse();
  const text = await read(absolute, file, path, ctx);
  if (text !== undefined && escapes(await realpath(directory), await realpath(absolute))) return refuse(); // through a symbolic link
  return text;
}

async function read(
  absolute: string,
  shown: string,
  path: readonly PropertyKey[],
  ctx: ReadContext,
): Promise<string | undefined> {
  try {
    return (await readFile(absolute, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? String(error)})`;
    ctx.report(path, 'config-missing-file', `the file ${shown} ${why}; looked for it at ${absolute}`);
    return undefined;
  }
}

/** Searches the drill's directory, then each parent directory, so that `runbooks/x.md` at the top of a repository is found from `drills/`. */
async function findRunbook(value: unknown, ctx: ReadContext): Promise<string | undefined> {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (/^https?:\/\//.test(value)) return value;
  let directory = dirname(ctx.file);
  for (;;) {
    const candidate = resolve(directory, value);
    if (await isFile(candidate)) return candidate;
    const parent = join(directory, '..');
    if (parent === directory) break;
    directory = parent;
  }
  ctx.report(
    ['runbook'],
    'config-missing-file',
    `the file ${value} does not exist next to the drill file or in a directory above it`,
  );
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false; // does not exist, or cannot be accessed
  }
}

export function asMapping(value: unknown): Raw | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined;
}
