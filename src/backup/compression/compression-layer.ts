import type { Compression } from '../content.ts';
import type { Layer } from '../layer.ts';
import { decompress, recogniseCompression } from './decompress.ts';

export function compressionLayer(name: Exclude<Compression, 'none'>): Layer {
  return {
    kind: 'compression',
    name,
    recognise: (first) => recogniseCompression(first) === name,
    open: (input, { key }) => decompress(name, input, key),
  };
}
