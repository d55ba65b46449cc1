import type { Readable } from 'node:stream';
import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupPart, Unpacker } from '../../recovery/backup-part.ts';
import { findTarParts } from '../../recovery/tar-parts.ts';
import { TAR_PARTITION } from './is-wal-g.ts';

const READ: Readonly<Record<string, Unpacker | 'brotli' | 'none'>> = {
  '': 'none',
  lz4: 'lz4',
  zst: 'zstd',
  gz: 'gzip',
  br: 'brotli',
};
const MAGIC: Readonly<Record<string, string>> = { lz4: '04224d18', zstd: '28b52ffd', gzip: '1f8b08' };

/**
 * The tars of a backup, in the order in which they were written, the one with pg_control last.
 * @throws DrillError `format-unsupported` for a compression or encryption that is not supported, `backup-truncated` if one is missing.
 */
export async function findWalGParts(content: DirectoryContent, signal: AbortSignal): Promise<readonly BackupPart[]> {
  const { key } = content.backup;
  const found = findTarParts(content, (name) => {
    const tar = TAR_PARTITION.exec(name)?.[1];
    return tar === undefined ? undefined : { tar: tar.replace(/\.tar.*$/, ''), into: 'data' };
  });
  const control = found.get('pg_control');
  if (!control) throw lacks(key, 'pg_control.tar, which is written last');
  requireNumbered(key, [...found.keys()]);
  const ending = TAR_PARTITION.exec(control.name)?.[2] ?? '';
  const packed = READ[ending];
  if (packed === undefined) {
    throw new DrillError('format-unsupported', `${key} is compressed with ${ending}, which Firedrill does not read`, {
      hint: 'Set WALG_COMPRESSION_METHOD to lz4, zstd, brotli or gzip for the job that takes backups.',
    });
  }
  const open = (name: string) => openTar(content, name, packed, signal);
  await requireTar(key, await open(control.name));
  const isPlain = await beginsWith(content.stream(control.name, signal), MAGIC[packed]);
  const tool = isPlain && packed !== 'brotli' && packed !== 'none' ? packed : undefined;
  return [...found]
    .sort(([a], [b]) => Number(a === 'pg_control') - Number(b === 'pg_control') || compareNames(a, b))
    .map(([, part]) => ({
      ...part,
      compressedWith: tool,
      stored: tool && part.stored,
      open: (signal) => openTar(content, part.name, packed, signal),
    }));
}

function requireNumbered(key: string, tars: readonly string[]): void {
  const numbers = tars.flatMap((tar) => (tar.startsWith('part_') ? [Number(tar.slice(5))] : []));
  const last = Math.max(0, ...numbers);
  for (let number = 1; number <= last; number += 1) {
    if (!numbers.includes(number)) throw lacks(key, `part_${String(number).padStart(3, '0')}.tar`);
  }
}

export function lacks(key: string, what: string): DrillError {
  return new DrillError('backup-truncated', `${key} lacks ${what}`, {
    hint: 'It was not finished, or part of it was deleted: check the job that writes it, and the bucket’s lifecycle rules.',
  });
}

async function openTar(
  content: DirectoryContent,
  name: string,
  packed: string,
  signal: AbortSignal,
): Promise<Readable> {
  const stream = await content.streamUnwrapped(name, signal);
  return packed === 'brotli' ? content.decompress('brotli', stream, name) : stream;
}

/** WAL-G's own encryption has no signature: its output looks like random bytes. */
async function requireTar(key: string, tar: Readable): Promise<void> {
  const isTar = await beginsWith(tar, '7573746172', 257).catch((error: unknown) => {
    if (error instanceof DrillError && /^backup-(?:corrupt|truncated)$/.test(error.code)) return false;
    throw error;
  });
  if (isTar) return;
  throw new DrillError(
    'format-unsupported',
    `${key} cannot be read: its pg_control.tar is encrypted by WAL-G, or damaged`,
    {
      hint: 'Firedrill does not read WAL-G’s encryption with libsodium or a KMS. If it is PGP, name the key in `backup.keys`.',
    },
  );
}

/** Reads no more than necessary. @param magic in hexadecimal. */
async function beginsWith(stream: Readable, magic: string | undefined, at = 0): Promise<boolean> {
  const wanted = Buffer.from(magic ?? '', 'hex');
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= at + wanted.length) break;
    }
  } finally {
    stream.destroy();
  }
  return magic !== undefined && head.subarray(at, at + wanted.length).equals(wanted);
}

function compareNames(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
