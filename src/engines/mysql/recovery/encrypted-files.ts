import { Readable } from 'node:stream';
import { type KeyRing, PASSPHRASE } from '../../../backup/layer.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { SERVER_DIRECTORIES } from '../server/settings.ts';
import type { EncryptedFiles } from './find-encrypted.ts';
import { type KeyFile, readKeyFiles } from './key-files.ts';
import { chooseKeyFile } from './prove-keys.ts';
import type { RecoverySite } from './recovery-site.ts';

/** Keys given to the sandbox's programs. */
export interface GivenKeys {
  /** For the server, by setting; contains no secret. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether decrypting a page with them gave the expected result. */
  readonly isProven: boolean;
  /** Where they were read, for use in messages. */
  readonly name: string;
}

const PLUGIN = 'file_key_management';
const WAYS_OUT =
  'Set `backup.keys` to the key file of `file_key_management`, decrypted (lines such as `1;a7ad…`), or drill a dump by mariadb-dump beside it. Keys of other key plug-ins cannot be given to a drill.';

/**
 * A backup whose files MariaDB itself encrypted (data-at-rest encryption): no problem with it is known.
 * @param why the evidence, to follow a colon.
 */
export function encryptedFiles(key: string, why: string): DrillError {
  return new DrillError('image-incomplete', `${key} is encrypted by the server itself: ${why}`, { hint: WAYS_OUT });
}

/**
 * Gives the sandbox's programs the keys that the drill names for files that the server encrypted, in memory and readable only by the server's user. A key is
 * proven by a page of each encrypted table.
 * @param algorithm as stated by the backup; undefined: not stated, and the proof determines it.
 * @returns undefined if nothing is encrypted.
 * @throws DrillError `image-incomplete` if the drill names no key file, or the image lacks the plug-in; `key-wrong`, `key-missing`.
 */
export async function giveKeys(
  key: string,
  found: EncryptedFiles,
  { keys: ring, algorithm }: { readonly keys: KeyRing | undefined; readonly algorithm?: string | undefined },
  site: RecoverySite,
  signal: AbortSignal,
): Promise<GivenKeys | undefined> {
  const { first, samples, isLogEncrypted } = found;
  if (first === undefined && !isLogEncrypted) return undefined;
  const files = await readKeyFiles(ring);
  const [only] = files;
  if (!only) {
    const why = first === undefined ? 'its log' : `pages of ${toPrintable(first, 200)}`;
    throw encryptedFiles(key, `${why} cannot be read without its key`);
  }
  const chosen = chooseKeyFile(files, samples);
  if (!('file' in chosen)) throw wrongKey(key, chosen.unopened, files);
  const isProven = samples.length > 0;
  if (isProven) ring?.noteUse(PASSPHRASE, chosen.file.key);
  const path = await writeKeys(chosen.file, site, signal);
  const how = isProven ? chosen.algorithm : algorithm;
  return {
    settings: {
      plugin_load_add: `${PLUGIN}.so`,
      file_key_management_filename: path,
      ...(how === undefined ? {} : { file_key_management_encryption_algorithm: how }),
    },
    isProven,
    name: chosen.file.key.name,
  };
}

function wrongKey(key: string, file: string, files: readonly KeyFile[]): DrillError {
  const names = files.map(({ key: { name } }) => name).join(', ');
  return new DrillError(
    'key-wrong',
    `${key} is encrypted by the server itself, and ${toPrintable(file, 200)} does not open with ${names}`,
    { hint: 'Set `backup.keys` to the key file that the server had when the backup was taken.' },
  );
}

/**
 * A wrong key for a log, or for tables in the older format, looks like damage.
 * @returns the error for failing to open files whose keys are not proven; otherwise the failure itself.
 */
export function perhapsWrongKey(key: string, keys: GivenKeys | undefined, error: unknown): unknown {
  if (!keys || keys.isProven || !(error instanceof DrillError) || !LOOKS_WRONG.has(error.code)) return error;
  return unproven(key, keys, error.details.length > 0 ? error.details : [error.message], error);
}

const LOOKS_WRONG: ReadonlySet<string> = new Set([
  'backup-corrupt',
  'backup-truncated',
  'server-failed',
  'image-incomplete',
]);

/** The same for tables of a recovered server that cannot be read. @throws DrillError `key-wrong`. */
export function requireRightKey(key: string, keys: GivenKeys | undefined, errors: readonly string[]): void {
  if (keys && !keys.isProven && errors.length > 0) throw unproven(key, keys, errors.slice(0, 8));
}

function unproven(key: string, { name }: GivenKeys, details: readonly string[], cause?: unknown): DrillError {
  return new DrillError(
    'key-wrong',
    `${key} is encrypted by the server itself, and cannot be opened with ${name}: it is the wrong key, or what it opens is damaged`,
    {
      hint: 'Compare it with the key file that the server had when the backup was taken, and set `engine.settings.file_key_management_encryption_algorithm` if it was not aes_cbc.',
      details,
      cause,
    },
  );
}

async function writeKeys({ key }: KeyFile, { sandbox, tools }: RecoverySite, signal: AbortSignal): Promise<string> {
  const { scratch, memory = scratch } = sandbox.paths;
  const path = `${memory}/${KEYS}`;
  const argv = ['sh', '-c', TAKE, 'keys', tools.plugins ?? '', `${scratch}/${SERVER_DIRECTORIES.plugins}`, path];
  const stdin = Readable.from([Buffer.from(`${key.text}\n`)]);
  const { exitCode, stderr } = await sandbox.exec(argv, { stdin, signal, env: { LC_ALL: 'C' } });
  if (exitCode === LACKS_PLUGIN)
    throw new DrillError('image-incomplete', `${sandbox.provenance.name} lacks the plug-in ${PLUGIN}`, {
      hint: 'Name an image that has it in `engine.image`; the stock image of MariaDB does.',
    });
  if (exitCode !== 0)
    throw new DrillError('server-failed', `the sandbox cannot take the keys: ${toPrintable(stderr, 200)}`);
  return path;
}

const KEYS = '.firedrill-keys';
const LACKS_PLUGIN = 94;

const TAKE = `
set -eu
umask 077
[ -f "$1/${PLUGIN}.so" ] || exit ${LACKS_PLUGIN}
mkdir -p "$2"
ln -sf "$1/${PLUGIN}.so" "$2/${PLUGIN}.so"
cat > "$3"
`;
