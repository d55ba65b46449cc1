import type { BackupKey, KeyRing } from '../../../backup/layer.ts';

/** A key file of MariaDB's plug-in `file_key_management`, from the keys that a drill names. In memory only. */
export interface KeyFile {
  readonly key: BackupKey;
  /** By number, as tables refer to them. */
  readonly keys: ReadonlyMap<number, Buffer>;
}

/** The server ignores anything after the key, such as a comment, and accepts no space around the semicolon. */
const LINE = /^\s*(\d{1,10});((?:[0-9a-f]{2}){16}|(?:[0-9a-f]{2}){24}|(?:[0-9a-f]{2}){32})(?![0-9a-f])/i;
const LARGEST_NUMBER = 2 ** 32 - 1;

/**
 * Reads the keys of a drill, and returns those that are key files: lines of a number, a semicolon and 16, 24 or 32 bytes as hex. The others are for encryption
 * of the backup by a job. @param ring undefined: for a backup that is opened without the rest of its source. @throws DrillError `key-missing`.
 */
export async function readKeyFiles(ring: KeyRing | undefined): Promise<readonly KeyFile[]> {
  if (!ring || ring.isEmpty) return [];
  return (await ring.read()).flatMap((key) => {
    const keys = parseKeyFile(key.text);
    return keys ? [{ key, keys }] : [];
  });
}

/** Source: MariaDB's plugin/file_key_management/parser.cc. @returns undefined for any other file. Pure. */
export function parseKeyFile(text: string): ReadonlyMap<number, Buffer> | undefined {
  const keys = new Map<number, Buffer>();
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [, number, hex] = LINE.exec(line) ?? [];
    if (number === undefined || hex === undefined || Number(number) < 1 || Number(number) > LARGEST_NUMBER)
      return undefined;
    keys.set(Number(number), Buffer.from(hex, 'hex'));
  }
  return keys.size > 0 ? keys : undefined;
}
