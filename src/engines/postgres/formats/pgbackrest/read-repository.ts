import type { ListedFile, SourceFiles } from '../../../../backup/content.ts';
import { type BackupKey, encrypted, type KeyRing, NO_KEYS, PASSPHRASE } from '../../../../backup/layer.ts';
import type { OpensslSpec } from '../../../../backup/openssl-spec.ts';
import { asDrillError, DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import { readShort } from '../../../../support/read-start.ts';
import { type InfoSections, readInfoFile } from './info-file.ts';
import type { RepositoryEntry } from './repository-entry.ts';

/** pgBackRest's encryption with a passphrase. Source: its src/common/crypto/cipherBlock.c. */
const CIPHER: OpensslSpec = { cipher: 'aes-256-cbc', kdf: 'evp-bytes-to-key', iterations: 1, digest: 'sha1' };

/** One kilobyte per backup, plus a line for each backup that it builds on. */
const MAX_INFO_BYTES = 32 * 2 ** 20;

/** The two files that list the contents of a stanza. */
export interface RepositoryInfo {
  readonly backups: InfoSections;
  readonly archive: InfoSections;
  /** The passphrase of the repository, with which the stanza's own keys are encrypted; undefined if it is not encrypted. */
  readonly passphrase: BackupKey | undefined;
  readonly warnings: readonly string[];
  /** As stored, including copies. */
  readonly files: readonly ListedFile[];
}

/**
 * Reads `backup.info` and `archive.info` of a stanza, or their copies if they are unusable.
 * @throws DrillError `backup-truncated` if they are missing, `backup-corrupt`, `backup-encrypted`, `key-wrong`, what reading throws.
 */
export async function readRepository(
  { root, stanza }: RepositoryEntry,
  source: SourceFiles,
  signal: AbortSignal,
): Promise<RepositoryInfo> {
  const opener = new InfoOpener(source, signal);
  const [backupInfo, archiveInfo] = [`${root}backup/${stanza}/backup.info`, `${root}archive/${stanza}/archive.info`];
  const backups = await opener.open(backupInfo).catch(async (error: unknown) => {
    if (asDrillError(error).code !== 'key-wrong') throw error;
    await opener.open(archiveInfo).catch(() => Promise.reject(error));
    return opener.open(backupInfo); // a key that opens the other file is right, so this one is damaged
  });
  const archive = await opener.open(archiveInfo);
  const { passphrase, warnings, files } = opener;
  return { backups, archive, passphrase, warnings, files };
}

/** A key stored in another file of the repository. */
export function ringOf(passphrase: string): KeyRing {
  const key = { name: 'the key in the repository', text: passphrase };
  return { isEmpty: false, openssl: CIPHER, read: async () => [key], noteUse: () => undefined };
}

class InfoOpener {
  readonly #source: SourceFiles;
  readonly #signal: AbortSignal;
  passphrase: BackupKey | undefined;
  readonly warnings: string[] = [];
  readonly files: ListedFile[] = [];

  constructor(source: SourceFiles, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  async open(key: string): Promise<InfoSections> {
    const names = [key, `${key}.copy`];
    const found = names.flatMap((name) => this.#source.files.filter((file) => file.key === name));
    this.files.push(...found);
    const failures: DrillError[] = [];
    for (const file of found) {
      const reading = await this.#read(file).catch((error: unknown) => damageOf(error, this.#signal));
      if (reading instanceof DrillError) failures.push(reading);
      else {
        const [first] = failures;
        if (first) this.warnings.push(`${first.message}: its copy was used`);
        return reading;
      }
    }
    throw failures[0] ?? missing(key, this.#source.description);
  }

  async #read(file: ListedFile): Promise<InfoSections> {
    const isEncrypted = await this.#isEncrypted(file);
    if (!isEncrypted) return parse(file.key, await this.#bytes(file, NO_KEYS));
    const { keys } = this.#source;
    if (keys.isEmpty) throw encrypted(file.key, '`repo1-cipher-pass` of pgBackRest');
    const named = await keys.read();
    for (const key of this.passphrase ? [this.passphrase] : named) {
      const text = await this.#bytes(file, ringOf(key.text)).catch(asWrongKey);
      if (!text?.toString('latin1', 0, BEGINNING.length).startsWith(BEGINNING)) continue;
      keys.noteUse(PASSPHRASE, key);
      this.passphrase = key;
      return parse(file.key, text);
    }
    if (this.passphrase) throw damaged(file.key, 'does not decrypt with the key that opens the rest of the repository');
    throw new DrillError(
      'key-wrong',
      `none of the keys opens ${file.key} (tried: ${named.map(({ name }) => name).join(', ')}): the repository was encrypted with another passphrase, or the file is damaged`,
      { hint: 'Compare `backup.keys` with `repo1-cipher-pass` in the pgbackrest.conf of the database host.' },
    );
  }

  async #bytes(file: ListedFile, keys: KeyRing): Promise<Buffer> {
    const bytes = await readShort(await this.#source.streamUnwrapped(file, this.#signal, keys), MAX_INFO_BYTES);
    if (bytes) return bytes;
    throw new DrillError(
      'backup-corrupt',
      `${file.key} is larger than ${formatBytes(MAX_INFO_BYTES)}; pgBackRest writes a few kilobytes`,
      {
        hint: 'Restore the file from its `.copy` or from another copy of the repository.',
      },
    );
  }

  /** Without keys, the source detects this itself. */
  async #isEncrypted(file: ListedFile): Promise<boolean> {
    try {
      (await this.#source.streamUnwrapped(file, this.#signal, NO_KEYS)).destroy();
      return false;
    } catch (error) {
      if (error instanceof DrillError && error.code === 'backup-encrypted') return true;
      throw error;
    }
  }
}

const BEGINNING = '[backrest]\n';

function parse(key: string, bytes: Buffer): InfoSections {
  const reading = readInfoFile(bytes.toString('utf8'));
  if (reading.kind === 'read') return reading.sections;
  throw damaged(key, reading.why);
}

/** @param why follows the file's name. */
function damaged(key: string, why: string): DrillError {
  return new DrillError('backup-corrupt', `${key} ${why}`, {
    hint: 'Restore the file from its `.copy` or from another copy of the repository; pgBackRest cannot restore without it either.',
  });
}

/** Errors about wrong bytes allow the copy to be tried; errors while fetching them do not. */
function damageOf(thrown: unknown, signal: AbortSignal): DrillError {
  signal.throwIfAborted();
  const error = asDrillError(thrown);
  if (['backup-corrupt', 'backup-truncated', 'key-wrong', 'backup-empty'].includes(error.code)) return error;
  throw error;
}

function asWrongKey(thrown: unknown): undefined {
  const error = asDrillError(thrown);
  if (['backup-corrupt', 'backup-truncated', 'key-wrong', 'format-unsupported'].includes(error.code)) return undefined;
  throw error;
}

function missing(key: string, where: string): DrillError {
  return new DrillError('backup-truncated', `${where} lacks ${key}, without which pgBackRest cannot restore`, {
    hint: 'Point `backup.source` at the whole repository (`repo1-path`), and check that nothing in it was deleted.',
  });
}
