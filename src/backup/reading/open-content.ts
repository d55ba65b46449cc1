import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DrillError } from '../../support/errors.ts';
import type { ChecksumWatch } from '../checksums/checksum-watch.ts';
import { decompress } from '../compression/decompress.ts';
import type { BackupContent, ObjectContent, TransferMeter, Unchecked } from '../content.ts';
import { evidenceOf, PROOF_BITS } from '../decryption/evidence.ts';
import { type ArchiveRule, type KeyRing, type Layer, NO_KEYS } from '../layer.ts';
import type { Backup, BackupSource, StoredObject } from '../source.ts';
import { joinParts } from './joined-source.ts';
import { openDirectory } from './open-directory.ts';
import { readRanged } from './ranged-read.ts';
import { destroyOnAbort, keepError, readAtLeast, replay } from './replay.ts';
import { notAnArchive, type Unwrapped, unwrap, unwrapAgain } from './unwrap.ts';

/** How much of the unwrapped content engines can inspect before any sandbox exists. */
export const HEAD_BYTES = 2 ** 20;
/** For smaller backups, reading everything finds problems just as early. */
const MIN_FORESEEN_BYTES = 4 * 2 ** 20;

/** Bytes of the head needed to tell whether it is random. */
const SAMPLE_BYTES = 4096;

/**
 * Opens a chosen backup: detects its layers, reads its head, and keeps prefetching within the readers' bounded buffers, so that the first bytes are available
 * once the sandbox is up.
 * @param signal for opening only; later, `close()` discards unused data.
 * @param keys the drill's keys.
 * @param archives which file of an archive is the dump; undefined: archives are not unpacked.
 * @param checksums compared with the stored bytes of a file while they are read; undefined: there are none.
 * @throws DrillError `backup-empty` when it is empty, before or after unwrapping, and whatever reading or unwrapping throws.
 */
export async function openContent(
  source: BackupSource,
  backup: Backup,
  signal: AbortSignal,
  keys: KeyRing = NO_KEYS,
  archives?: ArchiveRule,
  checksums?: ChecksumWatch,
): Promise<BackupContent> {
  const meter: TransferMeter = { bytesRead: 0 };
  if (backup.kind === 'directory') {
    if (archives?.member !== undefined) throw notAnArchive(backup.key);
    return openDirectory({ source, backup, meter, keys, layouts: archives?.layouts ?? [] });
  }
  if (backup.objects.length > 1) {
    const joined = joinParts(source, backup);
    return openObject(joined.source, backup, joined.object, { meter, keys, archives, checksums }, signal);
  }
  const [object] = backup.objects;
  if (!object || object.sizeBytes === 0) throw emptyBackup(backup, 'has 0 bytes');
  return openObject(source, backup, object, { meter, keys, archives, checksums }, signal);
}

async function openObject(
  source: BackupSource,
  backup: Backup,
  object: StoredObject,
  {
    meter,
    keys,
    archives,
    checksums,
  }: {
    readonly meter: TransferMeter;
    readonly keys: KeyRing;
    readonly archives: ArchiveRule | undefined;
    readonly checksums: ChecksumWatch | undefined;
  },
  signal: AbortSignal,
): Promise<ObjectContent> {
  signal.throwIfAborted();
  const opening = new AbortController();
  const onAbort = () => opening.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const read = (signal: AbortSignal) => {
      const stored = readRanged(source, object, { signal, meter });
      return checksums?.watch(stored) ?? stored;
    };
    const raw = read(opening.signal);
    const foresee = async (layer: Layer) => {
      if (source.hasCostlyRanges || object.sizeBytes < MIN_FORESEEN_BYTES) return;
      const readPart = async (start: number, end: number) =>
        buffer(await source.read(object, { start, end }, opening.signal));
      await layer.foresee?.(object.sizeBytes, readPart, context);
    };
    const context = { key: backup.key, keys, archives };
    const { layers, names, content } = await unwrap(raw, context, foresee);
    const head = await readAtLeast(content, HEAD_BYTES);
    if (head.length === 0) throw emptyBackup(backup, describeEmpty(layers, names));
    const prefetched = new Prefetched(replay(head, content));
    const readAgain = (signal: AbortSignal) => {
      meter.bytesBefore = meter.bytesRead;
      return unwrapAgain(layers, read(signal), context);
    };
    return {
      kind: 'object',
      backup,
      layers: [...names],
      unchecked: uncheckedOf(layers.at(-1), head),
      head: head.subarray(0, HEAD_BYTES),
      meter,
      stream: (signal) => prefetched.take(signal) ?? readAgain(signal),
      decompress,
      close: () => prefetched.close(),
    };
  } catch (error) {
    opening.abort(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function uncheckedOf(layer: Layer | undefined, head: Buffer): Unchecked | undefined {
  if (!layer?.isUnchecked) return undefined;
  return { encryption: layer.name, looksRandom: evidenceOf(head.subarray(0, SAMPLE_BYTES)) < PROOF_BITS };
}

/** Data prefetched while opening; the first caller of `stream` gets it. */
class Prefetched {
  #stream: Readable | undefined;

  constructor(stream: Readable) {
    this.#stream = keepError(stream);
  }

  take(signal: AbortSignal): Readable | undefined {
    const stream = this.#stream;
    if (!stream) return undefined;
    this.#stream = undefined;
    if (stream.destroyed) {
      const failed = new Readable({ read: () => undefined });
      failed.destroy(stream.errored ?? new Error('the content was closed'));
      return failed;
    }
    destroyOnAbort(stream, signal);
    return stream;
  }

  close(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }
}

function describeEmpty(layers: Unwrapped['layers'], names: Unwrapped['names']): string {
  const has = (kind: Layer['kind']) => layers.some((layer) => layer.kind === kind);
  const verb = has('archive') ? 'unpacks' : has('encryption') ? 'decrypts' : 'decompresses';
  return `${verb} (${names.join(' around ')}) to 0 bytes`;
}

function emptyBackup(backup: Backup, what: string): DrillError {
  return new DrillError('backup-empty', `the backup ${backup.key} ${what}`, {
    hint: 'Check the log of the job that wrote it: a dump that fails at once often leaves an empty file.',
  });
}
