import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { DirectoryContent } from '../../../../../src/backup/content.ts';
import { type BackupKey, type KeyRing, NO_KEYS } from '../../../../../src/backup/layer.ts';
import { withSourceFiles } from '../../../../../src/backup/reading/source-files.ts';
import type { BackupSource, StoredObject } from '../../../../../src/backup/source.ts';
import { directoryContent } from '../../../../support/fake-content.ts';

export const FULL = '20261128-030000F';
export const DIFF = `${FULL}_20261128-040000D`;
const SYSTEM = '7713289335607107773';

export type Files = Record<string, Buffer | string>;
type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The content of a file such as backup.info, with its checksum. */
export function infoFile(sections: Sections): string {
  const all = { backrest: { 'backrest-format': '5', 'backrest-version': '"2.55.1"' }, ...sections };
  const json = Object.entries(all).map(
    ([name, keys]) =>
      `"${name}":{${Object.entries(keys)
        .map(([key, value]) => `"${key}":${value}`)
        .join(',')}}`,
  );
  const checksum = createHash('sha1')
    .update(`{${json.join(',')}}`)
    .digest('hex');
  const text = Object.entries(all).map(
    ([name, keys]) =>
      `[${name}]\n${Object.entries(keys)
        .map(([key, value]) => `${key}=${value}\n`)
        .join('')}`,
  );
  return `${text.join('\n')}\n[backrest]\nbackrest-checksum="${checksum}"\n`;
}

/** The entry of a backup in backup.info; `changes` replaces keys. */
function recorded(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    'backrest-format': 5,
    'backrest-version': '2.55.1',
    'backup-archive-start': '000000010000000000000003',
    'backup-archive-stop': '000000010000000000000004',
    'backup-error': false,
    'backup-lsn-start': '0/3000028',
    'backup-timestamp-stop': 1795890128,
    'backup-type': 'full',
    'db-id': 1,
    'option-archive-copy': false,
    ...changes,
  });
}

/**
 * A stanza with a full and a differential backup of PostgreSQL 17, without their contents. With `cipher`, info files
 * and log are encrypted.
 */
export function repository({
  diff = {},
  cipher,
  system = SYSTEM,
}: {
  diff?: Readonly<Record<string, unknown>>;
  cipher?: string;
  system?: string;
} = {}): Files {
  const pass = cipher === undefined ? {} : { cipher: { 'cipher-pass': '"the-sub-key"' } };
  const seal = (text: string): Buffer | string => (cipher === undefined ? text : encrypt(Buffer.from(text), cipher));
  const cluster = `"db-system-id":${SYSTEM},"db-version":"17"`;
  const backupInfo = infoFile({
    'backup:current': { [FULL]: recorded(), [DIFF]: recorded({ 'backup-reference': [FULL], ...diff }) },
    ...pass,
    'db:history': { 1: `{"db-catalog-version":202406281,"db-control-version":1700,${cluster}}` },
  });
  const archiveInfo = infoFile({ ...pass, 'db:history': { 1: `{"db-id":${system},"db-version":"17"}` } });
  const files: Files = {};
  for (const copy of ['', '.copy']) {
    files[`backup/orders/backup.info${copy}`] = seal(backupInfo);
    files[`archive/orders/archive.info${copy}`] = seal(archiveInfo);
  }
  for (const label of [FULL, DIFF]) {
    files[`backup/orders/${label}/backup.manifest`] = '';
    files[`backup/orders/${label}/bundle/1`] = label;
  }
  const segments = ['000000010000000000000003', '000000010000000000000004'];
  for (const name of segments) {
    const content = Buffer.from(`log ${name}`);
    files[segmentKey(name, content)] = cipher === undefined ? content : encrypt(content, 'the-sub-key');
  }
  return files;
}

export function segmentKey(name: string, content: Buffer): string {
  return `archive/orders/17-1/${name.slice(0, 16)}/${name}-${createHash('sha1').update(content).digest('hex')}`;
}

/** Encrypts as pgBackRest does: a salt, and AES-256 with a key derived from it and the passphrase by SHA-1. */
export function encrypt(content: Buffer, passphrase: string): Buffer {
  const salt = Buffer.from('saltsalt');
  let derived = Buffer.alloc(0);
  for (let last = Buffer.alloc(0); derived.length < 48; derived = Buffer.concat([derived, last]))
    last = createHash('sha1').update(last).update(passphrase).update(salt).digest();
  const cipher = createCipheriv('aes-256-cbc', derived.subarray(0, 32), derived.subarray(32, 48));
  return Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(content), cipher.final()]);
}

/** One backup in a repository, opened as in a drill. */
export function openIn(
  files: Files,
  label: string,
  { root = '', keys = NO_KEYS }: { root?: string; keys?: KeyRing } = {},
): DirectoryContent {
  const bytes = new Map(Object.entries(files).map(([key, content]) => [`${root}${key}`, Buffer.from(content)]));
  const listed: StoredObject[] = [...bytes].map(([key, { length }]) => ({
    key,
    sizeBytes: length,
    modifiedAt: new Date(0),
    etag: key,
  }));
  const source = {
    description: 's3://backups/',
    read: async (object, { start, end }) =>
      Readable.from([bytes.get(object.key)?.subarray(start, end) ?? Buffer.alloc(0)]),
  } satisfies Partial<BackupSource> as unknown as BackupSource;
  const content = directoryContent({ 'backup.manifest': '', 'bundle/1': label }, `${root}backup/orders/${label}/`);
  return withSourceFiles(content, { source, listed, keys, layouts: [] });
}

/** The keys of a drill, which records those that opened something. */
export function keyRing(...texts: readonly string[]): KeyRing & { readonly used: BackupKey[] } {
  const keys = texts.map((text, index) => ({ name: `the variable KEY_${index + 1}`, text }));
  const used: BackupKey[] = [];
  return {
    used,
    isEmpty: keys.length === 0,
    read: async () => keys,
    noteUse: (_fingerprint, key) => {
      if (key) used.push(key);
    },
  };
}
