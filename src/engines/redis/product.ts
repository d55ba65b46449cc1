/** The differences between Redis and Valkey; formats and commands are shared. */
export interface Product {
  readonly type: 'redis' | 'valkey';
  readonly title: string;
  readonly server: string;
  readonly client: string;
  readonly checkTool: string;
  readonly aofCheckTool: string;
  /** Matches the server's `--version`: one product's program may be installed under the other's name. The first group is the version. */
  readonly banner: RegExp;
  /** The field of an RDB in which this product's servers write their version. */
  readonly versionField: string;
  /** The first version that reports how many keys it has loaded, and that reads an RDB without a version of its own. */
  readonly oldest: string;
  /** RDB versions that no server of this product reads, whatever its version. */
  isForeignRdb(rdbVersion: number): boolean;
  /** The first version that reads an RDB of this version; undefined if newer than all known ones. */
  readsFrom(rdbVersion: number): string | undefined;
}

/** From here on, RDB versions are Valkey's; those from 12 to 79 are Redis's. Source: `rdb.h` of Valkey 9. */
const FIRST_OF_VALKEY = 80;

export const redisProduct: Product = {
  type: 'redis',
  title: 'Redis',
  server: 'redis-server',
  client: 'redis-cli',
  checkTool: 'redis-check-rdb',
  aofCheckTool: 'redis-check-aof',
  banner: /^Redis server v=(\d+\.\d+\.\d+)/m,
  versionField: 'redis-ver',
  oldest: '7.0',
  isForeignRdb: (rdbVersion) => rdbVersion >= FIRST_OF_VALKEY,
  readsFrom: (rdbVersion) =>
    rdbVersion <= 10 ? '7.0' : rdbVersion === 11 ? '7.2' : rdbVersion === 12 ? '7.4' : undefined,
};

export const valkeyProduct: Product = {
  type: 'valkey',
  title: 'Valkey',
  server: 'valkey-server',
  client: 'valkey-cli',
  checkTool: 'valkey-check-rdb',
  aofCheckTool: 'valkey-check-aof',
  banner: /^Valkey server v=(\d+\.\d+\.\d+)/m,
  versionField: 'valkey-ver',
  oldest: '7.2',
  isForeignRdb: (rdbVersion) => rdbVersion > 11 && rdbVersion < FIRST_OF_VALKEY,
  readsFrom: (rdbVersion) => (rdbVersion <= 11 ? '7.2' : rdbVersion === FIRST_OF_VALKEY ? '9.0' : undefined),
};
