import { tar } from './archive/tar/tar.ts';
import { zip } from './archive/zip/zip.ts';
import { compressionLayer } from './compression/compression-layer.ts';
import { age } from './decryption/age/age.ts';
import { databasus } from './decryption/databasus/databasus.ts';
import { openpgp } from './decryption/openpgp/openpgp.ts';
import { openssl } from './decryption/openssl/openssl.ts';
import type { Layer } from './layer.ts';

/** All supported layers, one line each. */
const LAYERS: readonly Layer[] = [
  compressionLayer('gzip'),
  compressionLayer('zstd'),
  compressionLayer('lz4'),
  compressionLayer('xz'),
  compressionLayer('bzip2'),
  compressionLayer('snappy'),
  age,
  openpgp,
  databasus,
  zip,
  tar,
  openssl,
];

/** @returns undefined when the bytes are the content itself, or of an unknown kind. */
export function recogniseLayer(first: Buffer): Layer | undefined {
  return LAYERS.find((layer) => layer.recognise(first));
}
