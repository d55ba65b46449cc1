import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';
import type { Product } from '../../product.ts';
import { hasParts, isAofTar, isSingleAof, PART } from './is-aof.ts';

/** The manifest is named after `appendfilename`, so it has no fixed name. */
const LAYOUT: DirectoryLayout = {
  mark: '/',
  folderOf: (key) => {
    const found = PART.exec(key);
    return found ? key.slice(0, found.index) : undefined;
  },
};

/** An append-only file: a single file of commands, optionally preceded by a dump, or the folder `appendonlydir`, or a tar of that. */
export function aof(product: Product): FormatDescriptor {
  return {
    name: 'aof',
    product: 'an append-only file of Redis or Valkey',
    claims: (content) =>
      content.kind === 'object'
        ? isSingleAof(content.head) || isAofTar(namesInTar(content.head))
        : hasParts(content.members.keys()),
    ownsTar: isAofTar,
    layout: LAYOUT,
    load: async () => (await import('./aof-format.ts')).aofFormat(product),
  };
}
