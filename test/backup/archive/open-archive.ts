import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';
import type { ObjectContent } from '../../../src/backup/content.ts';
import { describeLayers, type KeyRing, NO_KEYS } from '../../../src/backup/layer.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { never } from '../../contracts/source-contract.ts';
import { memorySource } from '../memory-source.ts';

export interface Opening {
  readonly member?: string;
  readonly keys?: KeyRing;
}

export async function openArchive(
  source: BackupSource,
  object: StoredObject,
  { member, keys = NO_KEYS }: Opening = {},
): Promise<ObjectContent> {
  const engine = engineOf('postgres');
  const { key, sizeBytes } = object;
  const backup = {
    kind: 'object',
    key,
    objects: [object],
    sizeBytes,
    takenAt: new Date(0),
    takenAtFrom: 'modified',
  } as const;
  const content = await openContent(source, backup, never(), keys, {
    member,
    layouts: engine.layouts,
    isFormat: (first) => engine.isTarFormat(first),
  });
  if (content.kind !== 'object') throw new Error('expected an object');
  return content;
}

/** Reads a backup twice. @returns its content and what it was wrapped in, or its error as text. */
export async function unpack(stored: Buffer, opening: Opening = {}): Promise<string> {
  const { source, object } = memorySource(stored);
  try {
    const content = await openArchive(source, object, opening);
    const once = await buffer(content.stream(never()));
    const again = await buffer(content.stream(never()));
    if (!once.equals(again)) return 'differs when read again';
    return `${once.length > 100 ? `${once.length} bytes` : once.toString('latin1')}${describeLayers(content.layers)}`;
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

export async function tarOf(
  members: readonly (Partial<Header> & { readonly name: string } & { readonly content?: Buffer | string })[],
): Promise<Buffer> {
  const packing = pack();
  for (const { content = '', ...headers } of members) packing.entry(headers, content);
  packing.finalize();
  return buffer(packing);
}
