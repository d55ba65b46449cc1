import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Environment, expandVariables } from '../../config/variables.ts';
import { DrillError } from '../../support/errors.ts';
import { formatBytes, formatDuration } from '../../support/quantities.ts';
import type { BackupKey, KeyRing } from '../layer.ts';
import type { OpensslSpec } from '../openssl-spec.ts';
import type { KeySpec } from './key-spec.ts';

const MAX_KEY_BYTES = 2 ** 20;
const COMMAND_TIMEOUT_MS = 60_000;

export interface KeyReading {
  readonly env: Environment;
  /** Absolute path of the drill file's directory: the base of relative paths, and where commands run. */
  readonly directory: string;
  /** Receives every secret before anything else can see it. */
  readonly redactor: { add(secret: string): void };
  /** Aborts a running command. */
  readonly signal: AbortSignal;
  /** See {@link KeyRing.openssl}. */
  readonly openssl?: OpensslSpec | undefined;
  /** Called with the fingerprint of each key that opens a backup, repeatedly for the same one. */
  readonly onUse?: (fingerprint: string) => void;
}

/** The keys that a drill names. Read once, when a backup turns out to be encrypted. */
export function createKeyRing(specs: readonly KeySpec[], reading: KeyReading): KeyRing {
  let read: Promise<readonly BackupKey[]> | undefined;
  let lastUsed: BackupKey | undefined;
  return {
    isEmpty: specs.length === 0,
    openssl: reading.openssl,
    read: () => {
      read ??= Promise.all(specs.map((spec) => readKey(spec, reading)));
      return read;
    },
    noteUse: (fingerprint, key) => {
      lastUsed = key ?? lastUsed;
      reading.onUse?.(fingerprint);
    },
    get lastUsed() {
      return lastUsed;
    },
  };
}

/** Reads one key. @throws DrillError `key-missing` */
export async function readKey(spec: KeySpec, reading: KeyReading): Promise<BackupKey> {
  const { name, text } = await readSpec(spec, reading);
  const secret = text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  if (secret.trim() === '') throw missing(name, 'is empty', 'Check that the program that writes the key has run.');
  reading.redactor.add(secret);
  // A tool that quotes an identity file quotes a single line of it.
  for (const line of secret.split(/\r?\n/)) if (!line.startsWith('#')) reading.redactor.add(line.trim());
  return { name, text: secret };
}

async function readSpec(spec: KeySpec, reading: KeyReading): Promise<BackupKey> {
  if ('env' in spec) return readVariable(spec.env, reading);
  return 'file' in spec ? readKeyFile(spec.file, reading) : runCommand(spec.command, reading);
}

function readVariable(variable: string, { env }: KeyReading): BackupKey {
  const name = `the variable ${variable}`;
  const text = env[variable];
  if (!text) throw missing(name, 'is not set or empty', `Set ${variable} for the process that runs the drill.`);
  return { name, text };
}

async function readKeyFile(path: string, { env, directory }: KeyReading): Promise<BackupKey> {
  const expanded = expandVariables(path, env);
  if ('missing' in expanded) {
    const [variable = ''] = expanded.missing;
    const hint = `Set ${variable} for the process that runs the drill.`;
    throw missing(`the file ${path}`, `cannot be read: the variable ${variable} is not set or empty`, hint);
  }
  const name = `the file ${expanded.text}`;
  const absolute = resolve(directory, expanded.text);
  try {
    const bytes = await readFile(absolute);
    if (bytes.length > MAX_KEY_BYTES) throw tooLarge(name);
    return { name, text: bytes.toString('utf8') };
  } catch (error) {
    if (error instanceof DrillError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown error'})`;
    throw missing(name, `${why}; it was looked for at ${absolute}`, 'Put the key there, readable by this user only.');
  }
}

/** Neither stdout nor stderr of the program is put into a message: both may contain the key. */
async function runCommand(argv: readonly string[], reading: KeyReading): Promise<BackupKey> {
  const [program = '', ...args] = argv;
  const name = `the command ${basename(program)}`;
  const { execa } = await import('execa');
  const { stdout, failed, code, exitCode, signal, timedOut, isMaxBuffer } = await execa(program, args, {
    cwd: reading.directory,
    env: reading.env,
    extendEnv: false,
    stdin: 'ignore',
    stderr: 'ignore',
    timeout: COMMAND_TIMEOUT_MS,
    maxBuffer: MAX_KEY_BYTES,
    cancelSignal: reading.signal,
    stripFinalNewline: false,
    reject: false,
  });
  reading.signal.throwIfAborted();
  if (!failed) return { name, text: stdout };
  if (isMaxBuffer) throw tooLarge(name);
  if (code === 'ENOENT') throw missing(name, 'is not on PATH', 'Install it, or write its full path in `backup.keys`.');
  let how = `failed (${code ?? 'unknown error'})`;
  if (timedOut) how = `printed no key within ${formatDuration(COMMAND_TIMEOUT_MS)}`;
  else if (exitCode !== undefined) how = `failed with exit code ${exitCode}`;
  else if (signal !== undefined) how = `was ended by ${signal}`;
  throw missing(name, how, 'Run it by hand as the user that runs the drill, and see what it says.');
}

function missing(name: string, what: string, hint: string): DrillError {
  return new DrillError('key-missing', `the key of the backup cannot be read: ${name} ${what}`, { hint });
}

function tooLarge(name: string): DrillError {
  const most = formatBytes(MAX_KEY_BYTES);
  return missing(name, `gives more than ${most}, which is not a key`, 'Set `backup.keys` to the key.');
}
