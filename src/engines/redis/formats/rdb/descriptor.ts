import type { FormatDescriptor } from '../../../format.ts';
import type { Product } from '../../product.ts';
import { isRdb, readRdbHeader } from './rdb-header.ts';

/** A snapshot written by `SAVE`, `BGSAVE` or the client's `--rdb`. */
export function rdb(product: Product): FormatDescriptor {
  return {
    name: 'rdb',
    product: 'an RDB file of Redis or Valkey',
    claims: (content) =>
      content.kind === 'object' &&
      isRdb(content.head) &&
      readRdbHeader(content.head)?.fields.get('aof-preamble') !== '1',
    load: async () => (await import('./rdb-format.ts')).rdbFormat(product),
  };
}
