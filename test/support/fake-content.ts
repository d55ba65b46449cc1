import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { decompress } from '../../src/backup/compression/decompress.ts';
import type { DirectoryContent, ObjectContent, SourceFiles } from '../../src/backup/content.ts';
import { NO_KEYS } from '../../src/backup/layer.ts';
import type { Backup } from '../../src/backup/source.ts';

const HEAD_BYTES = 2 ** 20;

/** An uncompressed file as the backup layer passes it to an engine. */
export function fileContent(path: string): ObjectContent {
  const head = Buffer.alloc(Math.min(HEAD_BYTES, statSync(path).size));
  const file = openSync(path, 'r');
  readSync(file, head);
  closeSync(file);
  return objectContent(path, head, statSync(path).size, () => createReadStream(path));
}

export function bytesContent(bytes: Buffer, key = 'orders.dump'): ObjectContent {
  return objectContent(key, bytes.subarray(0, HEAD_BYTES), bytes.length, () => Readable.from(chunksOf(bytes)));
}

/** A directory dump whose members have these texts, uncompressed. */
export function directoryContent(files: Readonly<Record<string, string>>, key = 'nightly/'): DirectoryContent {
  const open = (name: string): Readable => Readable.from([Buffer.from(files[name] ?? '')]);
  return {
    kind: 'directory',
    backup: backup('directory', key, Object.values(files).join('').length),
    meter: { bytesRead: 0 },
    members: new Map(
      Object.entries(files).map(([name, text]) => [
        name,
        { sizeBytes: Buffer.byteLength(text), exactBytes: Buffer.byteLength(text) },
      ]),
    ),
    layers: [],
    stream: open,
    streamUnwrapped: async (name) => open(name),
    decompress,
    close: () => undefined,
  };
}

function objectContent(key: string, head: Buffer, sizeBytes: number, open: () => Readable): ObjectContent {
  const meter = { bytesRead: 0 };
  return {
    kind: 'object',
    backup: backup('object', key, sizeBytes),
    layers: [],
    head,
    meter,
    stream: () => {
      const stream = open();
      stream.on('data', (chunk: Buffer) => {
        meter.bytesRead += chunk.length;
      });
      stream.pause();
      return stream;
    },
    decompress,
    close: () => undefined,
  };
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function backup(kind: Backup['kind'], key: string, sizeBytes: number): Backup {
  return { kind, key, objects: [], sizeBytes, takenAt: new Date('2026-11-20T03:00:00Z'), takenAtFrom: 'name' };
}

/** The rest of a source, of which only the given files can be read. */
export function sourceFiles(keys: readonly string[], own: Partial<SourceFiles> = {}): SourceFiles {
  const { read = () => Promise.reject(new Error('not read')) } = own;
  return {
    description: '/backups',
    files: keys.map((key) => ({ key, sizeBytes: 1 })),
    openDirectory: () => directoryContent({}),
    read,
    streamUnwrapped: async (...asked) => Readable.from([await read(...asked)]),
    stream: () => {
      throw new Error('not read');
    },
    keys: NO_KEYS,
    ...own,
  };
}
