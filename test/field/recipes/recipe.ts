/** The layout of a backup's bytes, as far as it matters for damage and for the tools that restore it. */
export type Layout = 'plain' | 'custom' | 'tar' | 'directory' | 'tar-of-directory' | 'mydumper' | 'tab';

export type Compressor = 'none' | 'gzip' | 'zstd' | 'lz4' | 'xz' | 'bzip2';

export type Product = 'postgres' | 'mysql' | 'mariadb';

/** One way to make a backup with the product's own tools. */
export interface Recipe {
  /** Unique; matched by `--only`. */
  readonly name: string;
  readonly product: Product;
  /** The image's tag, and `engine.version`. */
  readonly version: string;
  readonly layout: Layout;
  /** Around the whole file; members compressed by the tool itself do not count. */
  readonly compressor: Compressor;
  /** An sh script: writes `$1`, a file that is not compressed yet, or a directory for layouts that are one. */
  readonly script: string;
  /** Applied to the file that the script wrote, before it is compressed. */
  readonly reshape?: (dump: Buffer) => Buffer;
  /**
   * The database that its own checks read, for backups that contain databases by name; undefined if the tools restore into a database created
   * for them.
   */
  readonly database: string | undefined;
  /** Postgres: the encoding of the database created for it. */
  readonly encoding?: string;
  /** False if its own tool writes no last line, so that a cut cannot be told from the end; the drill states this as well. */
  readonly hasCompletionLine: boolean;
}

/** @returns the file name that users would give it; the prefix of a directory. */
export function fileNameOf({ layout, compressor }: Recipe): string {
  if (layout === 'directory' || layout === 'mydumper' || layout === 'tab') return 'nightly';
  const ending = layout === 'plain' ? '.sql' : layout === 'custom' ? '.dump' : '.tar';
  return `nightly${ending}${ENDINGS[compressor]}`;
}

const ENDINGS: Readonly<Record<Compressor, string>> = {
  none: '',
  gzip: '.gz',
  zstd: '.zst',
  lz4: '.lz4',
  xz: '.xz',
  bzip2: '.bz2',
};
