import type { DumpParts } from './dump-parts.ts';
import { PARTS_OPTIONS, partsOf } from './dump-parts.ts';
import type { Compressor, Recipe } from './recipe.ts';
import { writeAdminer, writeMysqldumpPhp, writePhpMyAdmin } from './tool-writers.ts';

const SERVERS = [
  ['mariadb', '10.11'],
  ['mysql', '9.7'],
  ['mariadb', '11.8'],
] as const;

const TOOLS: readonly (readonly [name: string, write: (parts: DumpParts) => string, compressor: Compressor])[] = [
  ['phpMyAdmin', writePhpMyAdmin, 'none'],
  ['phpMyAdmin', writePhpMyAdmin, 'gzip'],
  ['mysqldump-php', writeMysqldumpPhp, 'none'],
  ['mysqldump-php', writeMysqldumpPhp, 'gzip'],
  ['Adminer', writeAdminer, 'none'],
  ['Adminer', writeAdminer, 'gzip'],
];

/** Dumps in the format of tools other than the products' own; none of these is installed, so a dump by mysqldump is rewritten. */
export function toolRecipes(): readonly Recipe[] {
  return SERVERS.flatMap(([product, version]) =>
    TOOLS.map(([tool, write, compressor]): Recipe => {
      const program = product === 'mysql' ? 'mysqldump $LOGIN --set-gtid-purged=OFF' : 'mariadb-dump $LOGIN';
      return {
        name: `${product} ${version} ${tool}${compressor === 'none' ? '' : `, ${compressor}`}`,
        product,
        version,
        layout: 'plain',
        compressor,
        script: `${program} ${PARTS_OPTIONS} shop > "$1"`,
        reshape: (dump) => Buffer.from(write(partsOf(dump.toString('latin1'))), 'latin1'),
        database: undefined,
        hasCompletionLine: true,
      };
    }),
  );
}
