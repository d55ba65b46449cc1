import type { Compressor, Layout, Recipe } from './recipe.ts';

type Written = Partial<Pick<Recipe, 'database' | 'encoding' | 'hasCompletionLine'>> & { readonly version?: string };

/** Ways to dump Postgres on which damage is tried: every layout, and plain SQL in every compression. */
export function postgresRecipes(): readonly Recipe[] {
  return [
    plain('copy', 'pg_dump shop'),
    ...(['gzip', 'zstd', 'lz4', 'xz', 'bzip2'] as const).map((compressor) =>
      plain('copy', 'pg_dump shop', {}, compressor),
    ),
    plain('inserts', 'pg_dump --inserts shop'),
    plain('column inserts', 'pg_dump --column-inserts --rows-per-insert=20 shop', {}, 'gzip'),
    plain('create', 'pg_dump -C my-app', { database: 'my-app' }),
    plain('clean', 'pg_dump --clean --if-exists shop'),
    plain('cluster', 'pg_dumpall', { database: 'shop' }),
    plain('cluster', 'pg_dumpall', { database: 'shop' }, 'gzip'),
    plain('globals, then create', '(pg_dumpall --globals-only && pg_dump -C shop)', { database: 'shop' }),
    archive('custom', 'custom', 'pg_dump -Fc -f "$1" shop'),
    archive('custom uncompressed', 'custom', 'pg_dump -Fc -Z0 -f "$1" shop'),
    archive('directory', 'directory', 'pg_dump -Fd -f "$1" shop'),
    archive('directory uncompressed', 'directory', 'pg_dump -Fd -Z0 -f "$1" shop'),
    archive('tar', 'tar', 'pg_dump -Ft -f "$1" shop'),
    archive('tar', 'tar', 'pg_dump -Ft -f "$1" shop', 'gzip'),
    archive(
      'tar of a directory',
      'tar-of-directory',
      'pg_dump -Fd -f "$1.d" shop && tar -C "$1.d/.." -cf "$1" "${1##*/}.d" && rm -r "$1.d"',
    ),
  ];
}

/** The same for a newer version, whose archives support more compressions; restored in containers. */
export function newPostgresRecipes(version: '17' | '18'): readonly Recipe[] {
  const of = (recipe: Recipe): Recipe => ({
    ...recipe,
    version,
    name: recipe.name.replace('postgres 15', `postgres ${version}`),
  });
  return [
    plain('copy', 'pg_dump shop'),
    plain('cluster', 'pg_dumpall', { database: 'shop' }),
    archive('custom zstd', 'custom', 'pg_dump -Fc -Z zstd -f "$1" shop'),
    archive('custom lz4', 'custom', 'pg_dump -Fc -Z lz4 -f "$1" shop'),
    archive('directory zstd', 'directory', 'pg_dump -Fd -Z zstd -j2 -f "$1" shop'),
    archive('directory lz4', 'directory', 'pg_dump -Fd -Z lz4 -f "$1" shop'),
    archive('tar', 'tar', 'pg_dump -Ft -f "$1" shop'),
  ].map(of);
}

/** Options and names whose intact backups must pass. */
export function wholePostgresRecipes(): readonly Recipe[] {
  const odd = `it's "odd" é`;
  const shell = `"it's \\"odd\\" é"`;
  return [
    ...postgresRecipes(),
    ...Object.entries(OPTIONS).map(([name, options]) => plain(name, `pg_dump ${options} shop`)),
    ...Object.entries(OPTIONS)
      .filter(([, options]) => !/insert|conflict/.test(options))
      .map(([name, options]) => archive(`custom, ${name}`, 'custom', `pg_dump -Fc ${options} -f "$1" shop`)),
    plain('odd name', `pg_dump -C ${shell}`, { database: odd }),
    plain('odd name, one database', `pg_dump ${shell}`),
    plain('odd name, cluster', 'pg_dumpall --clean --if-exists', { database: odd }),
    plain('cluster, clean', 'pg_dumpall --clean', { database: 'my-app' }),
    plain('cluster, no role passwords', 'pg_dumpall --no-role-passwords', { database: 'my-app' }),
    plain('cluster, inserts', 'pg_dumpall --inserts', { database: 'shop' }),
    plain('create, clean', 'pg_dump -C --clean --if-exists my-app', { database: 'my-app' }),
    plain('two databases', '(pg_dump -C shop && pg_dump -C my-app)', { database: 'my-app' }),
    plain('latin1', 'pg_dump latin'),
    plain('latin1 in utf8', 'pg_dump -E UTF8 latin'),
    plain('latin1, create', 'pg_dump -C latin', { database: 'latin' }),
    plain('sql_ascii', 'pg_dump ascii'),
    plain('sql_ascii, create', 'pg_dump -C ascii', { database: 'ascii' }),
    archive('custom, latin1', 'custom', 'pg_dump -Fc -f "$1" latin', 'none', { encoding: 'LATIN1' }),
    archive('directory, jobs', 'directory', 'pg_dump -Fd -j2 -f "$1" my-app'),
    archive('directory, level 9', 'directory', 'pg_dump -Fd -Z9 -f "$1" shop'),
    archive('custom in gzip', 'custom', 'pg_dump -Fc -f "$1" shop', 'gzip'),
    archive('custom in xz', 'custom', 'pg_dump -Fc -Z0 -f "$1" shop', 'xz'),
    archive('tar in zstd', 'tar', 'pg_dump -Ft -f "$1" shop', 'zstd'),
    archive(
      'tar of a directory',
      'tar-of-directory',
      'pg_dump -Fd -Z0 -f "$1.d" shop && tar -C "$1.d/.." -cf "$1" "${1##*/}.d" && rm -r "$1.d"',
      'gzip',
    ),
  ];
}

const OPTIONS: Readonly<Record<string, string>> = {
  'no owner': '--no-owner',
  'no privileges': '-x',
  'no owner, no privileges': '--no-owner --no-acl',
  'one schema': '--schema=sales --schema=public',
  'clean without if exists': '--clean',
  'one row per insert': '--inserts --rows-per-insert=1',
  'many rows per insert': '--inserts --rows-per-insert=500',
  'on conflict': '--inserts --on-conflict-do-nothing',
  'partition root': '--load-via-partition-root',
  'disable triggers': '--disable-triggers',
  'serializable deferrable': '--serializable-deferrable',
  'quoted identifiers': '--quote-all-identifiers',
  'no comments': '--no-comments',
  'no unlogged rows': '--no-unlogged-table-data',
  'no table access method': '--no-table-access-method --no-tablespaces',
  'some tables': '-t public.audit -t public.nothing -t public.scratch',
  'without a table': '-T public.audit',
  'without the rows of a table': '--exclude-table-data=public.audit',
  'strict names': `--strict-names -n public -n sales -n '"odd Schema"'`,
  verbose: '--verbose',
  'without large objects': '--no-blobs',
};

function plain(
  name: string,
  command: string,
  { version = '15', ...more }: Written = {},
  compressor: Compressor = 'none',
): Recipe {
  return {
    name: `postgres ${version} plain ${name}${compressor === 'none' ? '' : `, ${compressor}`}`,
    product: 'postgres',
    version,
    layout: 'plain',
    compressor,
    script: `${command} > "$1"`,
    database: undefined,
    hasCompletionLine: true,
    ...more,
  };
}

function archive(
  name: string,
  layout: Layout,
  script: string,
  compressor: Compressor = 'none',
  more: Written = {},
): Recipe {
  const ending = compressor === 'none' ? '' : `, ${compressor}`;
  return { ...plain(name, '', more), name: `postgres 15 ${name}${ending}`, layout, compressor, script };
}
