import { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { decompress } from '../compression/decompress.ts';
import type { DirectoryContent, Member, TransferMeter } from '../content.ts';
import { DecodedStream } from '../decoded-stream.ts';
import type { DirectoryLayout } from '../directory-layout.ts';
import type { KeyRing, LayerContext } from '../layer.ts';
import type { Backup, BackupSource, StoredObject } from '../source.ts';
import { layoutMarkedBy, originalName, type Wrap } from '../wrapped-members.ts';
import { readRanged } from './ranged-read.ts';
import { unwrap, unwrapAs } from './unwrap.ts';

const BUFFER_BYTES = 2 ** 19;

export interface DirectoryParts {
  readonly source: BackupSource;
  readonly backup: Backup;
  readonly meter: TransferMeter;
  readonly keys: KeyRing;
  /** Layouts of directories that are one backup. */
  readonly layouts: readonly DirectoryLayout[];
}

interface StoredMember extends Member {
  readonly object: StoredObject;
  readonly wraps: readonly Wrap[];
  readonly isMark: boolean;
}

/** Opens a directory dump. A job may have encrypted or compressed its files individually after the dump. */
export function openDirectory({ source, backup, meter, keys, layouts }: DirectoryParts): DirectoryContent {
  const members = membersOf(backup, layouts);
  const underWay = new Set<Readable>();
  const layers: string[] = [];
  const find = (name: string): StoredMember => {
    const member = members.get(name);
    if (!member) throw new DrillError('backup-corrupt', `the directory dump ${backup.key} has no member ${name}`);
    return member;
  };
  const open = ({ object }: StoredMember, signal: AbortSignal): Readable => {
    if (object.sizeBytes === 0) return Readable.from([]);
    const stream = readRanged(source, object, { signal, meter });
    underWay.add(stream);
    stream.once('close', () => underWay.delete(stream));
    return stream;
  };
  return {
    kind: 'directory',
    backup,
    meter,
    members,
    layers,
    stream: (name, signal) => {
      const member = find(name);
      const stored = open(member, signal);
      if (member.wraps.length === 0) return stored;
      return new DecodedStream(removeWraps(stored, member), stored, { explain: asError, bufferBytes: BUFFER_BYTES });
    },
    streamUnwrapped: async (name, signal) => {
      const member = find(name);
      const context = contextOf(member);
      const { content, names } = await unwrapAs(member.wraps, open(member, signal), context);
      noteLayers(names);
      return (await unwrap(content, context)).content;
    },
    decompress,
    close: () => {
      for (const stream of underWay) stream.destroy();
    },
  };

  /** The marker file has a known format, and is read first. */
  function contextOf({ object, isMark }: StoredMember): LayerContext {
    return { key: object.key, keys, mustBeKnown: isMark };
  }

  async function* removeWraps(stored: Readable, member: StoredMember): AsyncGenerator<Buffer> {
    const { content, names } = await unwrapAs(member.wraps, stored, contextOf(member));
    noteLayers(names);
    for await (const chunk of content) yield chunk as Buffer;
  }

  function noteLayers(names: readonly string[]): void {
    if (layers.length === 0) layers.push(...names);
  }
}

/** If the marker file is as its tool wrote it, so are all others: `.asc` and the like are then side files. */
function membersOf(backup: Backup, layouts: readonly DirectoryLayout[]): ReadonlyMap<string, StoredMember> {
  const stored = backup.objects.map((object) => ({ object, name: memberName(backup, object) }));
  const marks = stored.flatMap(({ name }) => layoutMarkedBy(name, layouts) ?? []);
  const [found] = marks.sort((a, b) => a.wraps.length - b.wraps.length);
  const layout = found && found.wraps.length > 0 ? found.layout : undefined;
  return new Map(
    stored.map(({ object, name }): [string, StoredMember] => {
      const original = layout ? originalName(name, layout) : { name, wraps: [] };
      const { sizeBytes } = object;
      const exactBytes = original.wraps.length === 0 ? sizeBytes : undefined;
      const isMark = original.name === layout?.mark;
      return [original.name, { object, wraps: original.wraps, isMark, sizeBytes, exactBytes }];
    }),
  );
}

function memberName(backup: Backup, object: StoredObject): string {
  return object.key.startsWith(backup.key) ? object.key.slice(backup.key.length) : object.key;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
