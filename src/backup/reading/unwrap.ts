import type { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { encrypted, LAYER_MAGIC_BYTES, type Layer, type LayerContext } from '../layer.ts';
import { recogniseLayer } from '../layer-registry.ts';
import type { Wrap } from '../wrapped-members.ts';
import { keepError, readAtLeast, replay } from './replay.ts';

/** Maximum layers of each kind: a job that compresses an already compressed dump leaves two. */
const MAX_PER_KIND = 2;
const MAX_NAME_LENGTH = 80;
/** How much of an archive is inspected to decide whether it is itself a backup format: it may start with a large file. */
const ARCHIVE_BYTES = 2 ** 20;

export interface Unwrapped {
  /** Outermost first. */
  readonly layers: readonly Layer[];
  /** Human-readable names, for archives with the member that is read: `age`, `zip member orders.sql`. */
  readonly names: readonly string[];
  /** The content inside, from its first byte. */
  readonly content: Readable;
}

/**
 * Detects and removes the layers of a stream, one by one.
 * @param beforeFirst called before the outermost layer is removed; may throw.
 * @throws DrillError `format-unsupported` for too many layers, `backup-encrypted` when no key is named, and the errors that destroy the layers' streams.
 */
export async function unwrap(
  input: Readable,
  context: LayerContext,
  beforeFirst: (layer: Layer) => Promise<void> = async () => undefined,
): Promise<Unwrapped> {
  const layers: Layer[] = [];
  const names: string[] = [];
  let stream = input;
  try {
    for (;;) {
      let first = await readAtLeast(stream, LAYER_MAGIC_BYTES);
      const layer = recogniseLayer(first);
      if (layer?.kind === 'archive' && context.archives && first.length < ARCHIVE_BYTES)
        first = Buffer.concat([first, await readAtLeast(stream, ARCHIVE_BYTES - first.length)]);
      if (!layer || (layer.kind === 'archive' && !isTakenApart(first, layers, context))) {
        requireArchive(layers, context);
        return { layers, names, content: replay(first, stream) };
      }
      requireDepth(layers, layer, context.key);
      if (layer.kind === 'encryption' && context.keys.isEmpty) throw encrypted(context.key, layer.name);
      if (layers.length === 0) await beforeFirst(layer);
      const index = layers.push(layer) - 1;
      names.push(layer.name);
      const onMember = (member: string) => {
        names[index] = `${layer.name} member ${toPrintable(member, MAX_NAME_LENGTH) || 'without a name'}`;
      };
      stream = layer.open(replay(first, stream), { ...contextWithin(layers, context), onMember });
    }
  } catch (error) {
    keepError(stream).destroy(); // nobody reads it any further
    throw error;
  }
}

/**
 * Removes exactly the layers that a file name implies: the content itself may start like a layer.
 * @throws DrillError `backup-corrupt` when the content does not start as its name implies; otherwise like {@link unwrap}.
 */
export async function unwrapAs(wraps: readonly Wrap[], input: Readable, context: LayerContext): Promise<Unwrapped> {
  const layers: Layer[] = [];
  let stream = input;
  try {
    for (const kind of wraps) {
      const first = await readAtLeast(stream, LAYER_MAGIC_BYTES);
      const layer = recogniseLayer(first);
      if (layer?.kind !== kind) throw notAsNamed(context.key, kind, first);
      if (kind === 'encryption' && context.keys.isEmpty) throw encrypted(context.key, layer.name);
      layers.push(layer);
      stream = layer.open(replay(first, stream), context);
    }
    return { layers, names: layers.map(({ name }) => name), content: keepError(stream) };
  } catch (error) {
    keepError(stream).destroy(); // nobody reads it any further
    throw error;
  }
}

function notAsNamed(key: string, kind: Wrap, { length }: Buffer): DrillError {
  const what = `${key} is named like ${kind === 'encryption' ? 'an encrypted' : 'a compressed'} file`;
  const hint = 'Compare its size and checksum with those of the file when it was written.';
  return length === 0
    ? new DrillError('backup-truncated', `${what}, and is empty`, { hint })
    : new DrillError('backup-corrupt', `${what}, and does not begin like one`, { hint });
}

/** Removes the layers that {@link unwrap} found earlier from another stream of the same content. */
export function unwrapAgain(layers: readonly Layer[], input: Readable, context: LayerContext): Readable {
  return layers.reduce(
    (stream, layer, index) => layer.open(stream, contextWithin(layers.slice(0, index + 1), context)),
    input,
  );
}

/** The member that a drill names is searched in the outermost archive; a nested archive must contain a single dump. */
function contextWithin(layers: readonly Layer[], context: LayerContext): LayerContext {
  const { archives } = context;
  if (!archives || layers.filter(({ kind }) => kind === 'archive').length < 2) return context;
  return { ...context, archives: { ...archives, member: undefined } };
}

/** An archive that is itself a backup format is unpacked only if the drill names a member of it. */
function isTakenApart(first: Buffer, layers: readonly Layer[], { archives }: LayerContext): boolean {
  if (!archives) return false;
  const isNamed = archives.member !== undefined && !layers.some(({ kind }) => kind === 'archive');
  return isNamed || !archives.isFormat(first);
}

function requireArchive(layers: readonly Layer[], { key, archives }: LayerContext): void {
  if (archives?.member !== undefined && !layers.some(({ kind }) => kind === 'archive')) throw notAnArchive(key);
}

/** The error for a backup that is not an archive although the drill names a member. */
export function notAnArchive(key: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is neither a zip archive nor a tar, and the drill names a member`,
    {
      hint: 'Leave out `backup.member`, or set `backup.match` to select the archives.',
    },
  );
}

function requireDepth(layers: readonly Layer[], next: Layer, key: string): void {
  if (layers.filter(({ kind }) => kind === next.kind).length < MAX_PER_KIND) return;
  const around = `${layers.map(({ name }) => name).join(' around ')} around more`;
  if (next.kind === 'archive') {
    throw new DrillError('format-unsupported', `${key} is an archive in an archive in an archive (${around})`, {
      hint: 'Pack the dump only once.',
    });
  }
  if (next.kind === 'compression') {
    throw new DrillError('format-unsupported', `${key} is compressed more than twice (${around})`, {
      hint: 'Compress the dump only once, either in the dump tool or in the job.',
    });
  }
  throw new DrillError('format-unsupported', `${key} is encrypted more than twice (${around})`, {
    hint: 'Encrypt the dump once, for everyone who needs to read it.',
  });
}
