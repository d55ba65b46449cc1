import type { Compressor, Product, Recipe } from './recipe.ts';

type Family = Exclude<Product, 'postgres'>;
type Written = Partial<Pick<Recipe, 'database' | 'hasCompletionLine'>>;

const SERVERS = [
  ['mariadb', '10.11'],
  ['mysql', '9.7'],
  ['mariadb', '11.8'],
] as const;

const ALL = '--routines --events --triggers';

/** Ways to dump MySQL and MariaDB on which damage is tried. */
export function mysqlRecipes(): readonly Recipe[] {
  return SERVERS.flatMap(([product, version]) => {
    const dump = dumper(product, version);
    return [
      dump('one database', `${ALL} --single-transaction shop`),
      dump('one database', `${ALL} --single-transaction shop`, {}, 'gzip'),
      dump('databases', `${ALL} --databases shop my-app`, { database: 'shop' }),
      dump('a row a line', `${ALL} --skip-extended-insert --hex-blob shop`),
      ...(version === '10.11'
        ? [
            dump('all databases', `${ALL} --all-databases`, { database: 'shop' }),
            dump('complete insert', `${ALL} --complete-insert shop`, {}, 'zstd'),
            dump('one database', `${ALL} shop`, {}, 'xz'),
            dump('one database', `${ALL} shop`, {}, 'lz4'),
            mydumper('mydumper', ''),
            mydumper('mydumper compressed, chunks', '--compress --rows 50'),
          ]
        : []),
    ];
  });
}

/** Options and names whose intact backups must pass. */
export function wholeMysqlRecipes(): readonly Recipe[] {
  const odd = 'odd `é.;';
  return [
    ...mysqlRecipes(),
    ...SERVERS.flatMap(([product, version]) => {
      const dump = dumper(product, version);
      return [
        ...Object.entries(OPTIONS)
          .filter(([name]) => name !== 'ansi' || product === 'mariadb')
          .map(([name, options]) => dump(name, `${options} shop`)),
        dump('odd name', `${ALL} --databases "odd \\\`é.;"`, { database: odd }),
        dump('odd name, one database', `${ALL} "odd \\\`é.;"`),
        dump('hyphen', `${ALL} --databases my-app`, { database: 'my-app' }),
        dump('latin1', `${ALL} --default-character-set=latin1 old`),
        dump('latin1 in utf8', `${ALL} old`),
        dump('all databases, clean', `${ALL} --all-databases --add-drop-database --flush-privileges`, {
          database: 'shop',
        }),
        // Without its settings, MariaDB rejects rows with generated columns, and every server rejects child rows before their
        // parents.
        dump('compact', '--compact shop keyless measure audit', { hasCompletionLine: false }),
        dump('skip comments', `${ALL} --skip-comments shop`, { hasCompletionLine: false }),
        dump('twice in one', `${ALL} --databases shop; ${toolOf(product)} $LOGIN ${ALL} --databases my-app`, {
          database: 'my-app',
        }),
      ];
    }),
    mydumper('mydumper, triggers and all', '--triggers --events --routines'),
    mydumper('mydumper, one row a statement', '--statement-size 2000'),
    mydumper('mydumper, chunks of bytes', '--chunk-filesize 1'),
    mydumper('mydumper, empty tables', '--build-empty-files --compress --rows 20'),
  ];
}

const OPTIONS: Readonly<Record<string, string>> = {
  plain: '',
  'skip opt': `--skip-opt --create-options ${ALL}`,
  'hex blob': `--hex-blob ${ALL}`,
  'by primary': `--order-by-primary ${ALL}`,
  'without a table': `--ignore-table=shop.audit ${ALL}`,
  'local time': `--skip-tz-utc ${ALL}`,
  'complete insert': `--complete-insert ${ALL}`,
  'insert ignore': `--insert-ignore ${ALL}`,
  replace: `--replace ${ALL}`,
  'no lock': `--skip-add-locks --skip-lock-tables ${ALL}`,
  'no keys disabled': `--skip-disable-keys ${ALL}`,
  'no drop': `--skip-add-drop-table ${ALL}`,
  'drop trigger': `--add-drop-trigger ${ALL}`,
  'no quotes': `--skip-quote-names ${ALL} --ignore-table='shop.odd \`name;. é'`,
  // No SET NAMES, so rows must be in the default encoding of clients; no server accepts its triggers and events, least of all those of
  // mysqldump 9.
  ansi: '--compatible=ansi --default-character-set=utf8mb4 --skip-triggers',
  'no autocommit': `--no-autocommit ${ALL}`,
  'dump date off': `--skip-dump-date ${ALL}`,
  'net buffer': `--net-buffer-length=4096 ${ALL}`,
  'no set names': `--skip-set-charset ${ALL}`,
  utf8mb3: `--default-character-set=utf8mb3 ${ALL}`,
  'flush logs': `--flush-logs ${ALL}`,
  'tables without triggers': '--skip-triggers',
};

const toolOf = (product: Family) => (product === 'mysql' ? 'mysqldump' : 'mariadb-dump');

function dumper(product: Family, version: string) {
  return (name: string, options: string, more: Written = {}, compressor: Compressor = 'none'): Recipe => {
    return {
      name: `${product} ${version} ${name}${compressor === 'none' ? '' : `, ${compressor}`}`,
      product,
      version,
      layout: 'plain',
      compressor,
      script: `(${toolOf(product)} $LOGIN ${options}) > "$1"`,
      database: undefined,
      hasCompletionLine: true,
      ...more,
    };
  };
}

function mydumper(name: string, options: string): Recipe {
  return {
    name: `mariadb 10.11 ${name}`,
    product: 'mariadb',
    version: '10.11',
    layout: 'mydumper',
    compressor: 'none',
    script: `mydumper -u root -S "$SOCKET" -t 2 -o "$1" --database simple ${options} && chmod -R a+rX "$1"`,
    database: undefined,
    hasCompletionLine: true,
  };
}
