import type { EngineDescriptor } from '../engine-descriptor.ts';
import { aof } from './formats/aof/descriptor.ts';
import { rdb } from './formats/rdb/descriptor.ts';
import { type Product, redisProduct, valkeyProduct } from './product.ts';

const describe = <Type extends Product['type']>(type: Type, product: Product): EngineDescriptor<Type> => ({
  type,
  title: product.title,
  offers: ['commands', 'program'],
  localBinaries: {
    server: product.server,
    clientTool: product.client,
    versionPattern: product.banner,
    majorNumbers: 2,
    directories: ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'],
    install: (major) =>
      `Install ${product.title} ${major} (Debian: \`apt-get install ${type}-server ${type}-tools\`), or use \`--runtime docker\`.`,
  },
  formats: [rdb(product), aof(product)],
  dumps: {
    program: `${product.client} BGSAVE`,
    none: 'neither an RDB file nor an append-only file of Redis or Valkey',
    hint: 'Check that `backup.match` selects the `dump.rdb` that `BGSAVE` writes, or the folder `appendonlydir/`.',
  },
  imageFor: (major) => (type === 'redis' ? `redis:${major}` : `valkey/valkey:${major}`),
  serverUser: type,
  starterCheck: { name: 'keys are there', serverCommand: ['DBSIZE'], expect: { min: 1 } },
});

export const redis = describe('redis', redisProduct);
export const valkey = describe('valkey', valkeyProduct);
