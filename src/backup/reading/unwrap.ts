import type { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { encrypted, LAYER_MAGIC_BYTES, type Layer, type LayerContext } from '../layer.ts';
import { recogniseLayer } from '../layer-registry.ts';
import { readAtLeast, replay } from './replay.ts';

/** As many layers of each kind: a job that compresses an already compressed dump leaves two. */
const MAX_PER_KIND = 2;

export interface Unwrapped {
  /** From the outside in. */
  readonly layers: readonly Layer[];
  /** The content inside, from its first byte. */
  readonly content: Readable;
}

/**
 * Recognises what a stream is wrapped in, layer by layer, and removes it.
 * @throws DrillError `format-unsupported` for too many layers, `backup-encrypted` when no key is named, and what the layers' streams are destroyed with.
 */
export async function unwrap(input: Readable, context: LayerContext): Promise<Unwrapped> {
  const layers: Layer[] = [];
  let stream = input;
  try {
    for (;;) {
      const first = await readAtLeast(stream, LAYER_MAGIC_BYTES);
      const layer = recogniseLayer(first);
      if (!layer) return { layers, content: replay(first, stream) };
      requireDepth(layers, layer, context.key);
      if (layer.kind === 'encryption' && context.keys.isEmpty) throw encrypted(context.key, layer.name);
      layers.push(layer);
      stream = layer.open(replay(first, stream), context);
    }
  } catch (error) {
    stream.on('error', () => undefined); // nobody reads it any further
    stream.destroy();
    throw error;
  }
}

/** Removes layers that {@link unwrap} found in another stream of the same content. */
export function unwrapAgain(layers: readonly Layer[], input: Readable, context: LayerContext): Readable {
  return layers.reduce((stream, layer) => layer.open(stream, context), input);
}

function requireDepth(layers: readonly Layer[], next: Layer, key: string): void {
  if (layers.filter(({ kind }) => kind === next.kind).length < MAX_PER_KIND) return;
  const around = `${layers.map(({ name }) => name).join(' around ')} around more`;
  if (next.kind === 'compression') {
    throw new DrillError('format-unsupported', `${key} is compressed more than twice (${around})`, {
      hint: 'Compress the dump once: let either the dump tool or the job do it.',
    });
  }
  throw new DrillError('format-unsupported', `${key} is encrypted more than twice (${around})`, {
    hint: 'Encrypt the dump once, to all who need to read it.',
  });
}
