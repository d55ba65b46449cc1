/** How bytes of a backup are laid out, as far as damage and the tools that restore it care. */
export type Layout = 'plain' | 'custom' | 'tar' | 'directory' | 'tar-of-directory' | 'mydumper' | 'tab';

export type Compressor = 'none' | 'gzip' | 'zstd' | 'lz4' | 'xz' | 'bzip2';

export type Product = 'postgres' | 'mysql' | 'mariadb';

/** One way to make a backup with the product's own tools. */
export interface Recipe {
  /** Unique, and what `--only` finds. */
  readonly name: string;
  readonly product: Product;
  /** The image's tag, and `engine.version`. */
  readonly version: string;
  readonly layout: Layout;
  /** Around the whole file; members compressed by the tool itself do not count. */
  readonly compressor: Compressor;
  /** Of sh: writes `$1`, a file that is not compressed yet, or a directory for layouts that are one. */
  readonly script: string;
  /** What is done to the file that the script wrote, before it is compressed. */
  readonly reshape?: (dump: Buffer) => Buffer;
  /** Where its own checks look, for backups that hold databases by name; undefined: the tools restore into a database that is made for them. */
  readonly database: string | undefined;
  /** Postgres: the encoding of the database that is made for it. */
  readonly encoding?: string;
  /** False where its own tool writes no last line, so that nothing can tell a cut from an end: the drill says so, too. */
  readonly hasCompletionLine: boolean;
}

/** @returns the file name that people would give it; of a directory the prefix. */
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
