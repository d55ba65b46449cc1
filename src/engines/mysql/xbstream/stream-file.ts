import type { Readable } from 'node:stream';
import type { Compression, Decompress, ListedFile, ObjectContent, SourceFiles } from '../../../backup/content.ts';

/** A program that decompresses in the sandbox. */
export type Unpacker = 'gzip' | 'zstd' | 'lz4';

/** A stored stream of mbstream, or a tar, compressed by the job or not. */
export interface StreamFile {
  /** Its key, for use in messages. */
  readonly key: string;
  readonly sizeBytes: number;
  /** Compression of the stored bytes, if a program in the sandbox can remove it. */
  readonly compressedWith: Unpacker | undefined;
  /** The stored bytes. Missing if no program in the sandbox can read them. */
  readonly stored?: ((signal: AbortSignal) => Readable) | undefined;
  /** The stream itself. */
  open(signal: AbortSignal): Promise<Readable>;
  /** For compressed files inside it. */
  readonly decompress: Decompress;
  /** The last bytes of the stream, if it is stored as it is. */
  readonly tail?: ((bytes: number, signal: AbortSignal) => Promise<Buffer>) | undefined;
}

const MAGIC: readonly (readonly [hex: string, Unpacker])[] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
  ['04224d18', 'lz4'],
];
/** Enough to recognize a tar. */
const HEAD_BYTES = 512;

/** The chosen backup, in one file. */
export function chosenStream(content: ObjectContent): StreamFile {
  const { backup, layers, inSource } = content;
  const [object] = backup.objects;
  const isOne = backup.objects.length === 1 && object !== undefined && inSource !== undefined;
  const unpacker = layers.length === 1 ? MAGIC.map(([, name]) => name).find((name) => name === layers[0]) : undefined;
  return {
    key: backup.key,
    sizeBytes: backup.sizeBytes,
    compressedWith: unpacker,
    stored: isOne && unpacker !== undefined ? (signal) => inSource.stream(object, signal) : undefined,
    open: async (signal) => content.stream(signal),
    decompress: content.decompress,
    tail: isOne && layers.length === 0 ? tailOf(object, inSource) : undefined,
  };
}

/** Another file of the source. */
export async function streamIn(
  inSource: SourceFiles,
  file: ListedFile,
  decompress: Decompress,
  signal: AbortSignal,
): Promise<StreamFile> {
  const head = await readHead(inSource, file, signal);
  const compression = compressionOf(head);
  const stored = (given: AbortSignal) => inSource.stream(file, given);
  const open = async (given: AbortSignal): Promise<Readable> => {
    if (compression === undefined) return inSource.streamUnwrapped(file, given); // encrypted, or compressed otherwise
    return compression === 'none' ? stored(given) : decompress(compression, stored(given), file.key);
  };
  const compressedWith = compression === 'none' || compression === undefined ? undefined : compression;
  return {
    key: file.key,
    sizeBytes: file.sizeBytes,
    compressedWith,
    stored: compressedWith === undefined ? undefined : stored,
    open,
    decompress,
    tail: compression === 'none' ? tailOf(file, inSource) : undefined,
  };
}

/** @returns undefined unless it is a plain stream or tar, or compressed in a way that a program in a sandbox may support. */
function compressionOf(head: Buffer): Extract<Compression, 'none' | Unpacker> | undefined {
  const hex = head.toString('hex');
  const found = MAGIC.find(([magic]) => hex.startsWith(magic))?.[1];
  if (found !== undefined) return found;
  return hex.startsWith('58425354434b3031') || head.toString('latin1', 257, 262) === 'ustar' ? 'none' : undefined;
}

async function readHead(inSource: SourceFiles, file: ListedFile, signal: AbortSignal): Promise<Buffer> {
  const end = Math.min(HEAD_BYTES, file.sizeBytes);
  if (inSource.readRange && end > 0) return inSource.readRange(file, { start: 0, end }, signal);
  const stream = inSource.stream(file, signal);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) return chunk.subarray(0, HEAD_BYTES);
    return Buffer.alloc(0);
  } finally {
    stream.destroy();
  }
}

function tailOf(file: ListedFile, { readRange }: SourceFiles): StreamFile['tail'] {
  if (!readRange) return undefined;
  return (bytes, signal) =>
    readRange(file, { start: Math.max(0, file.sizeBytes - bytes), end: file.sizeBytes }, signal);
}
