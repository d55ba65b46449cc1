import type { BackupFiles } from './backup-files.ts';
import { matchOf } from './backup-files.ts';
import { without } from './damage/members.ts';
import { type DrillOutcome, drillBackup, putFiles } from './drill-backup.ts';
import { seededRandom } from './random.ts';
import { mysqlRecipes } from './recipes/mysql-recipes.ts';
import { postgresRecipes } from './recipes/postgres-recipes.ts';
import type { Product, Recipe } from './recipes/recipe.ts';
import { toolRecipes } from './recipes/tool-recipes.ts';
import type { Servers } from './servers/servers.ts';

/** A backup that is not restored because the drill is for another product or its format is not supported: errored, with a code. */
export interface RefusedCase {
  /** Unique; matched by `--only`. */
  readonly name: string;
  readonly recipe: Recipe;
  /** What the drill restores. */
  readonly drill: Product;
  readonly match?: string;
  readonly code: string;
  /** A pattern for the message. */
  readonly says: RegExp;
  change(files: BackupFiles): BackupFiles | undefined;
}

export function refusedCases(): readonly RefusedCase[] {
  return [...crossed(), ...ofTab()];
}

/** @returns what is wrong with the outcome, in one sentence; undefined when it is right. */
export async function faultOfRefused(servers: Servers, each: RefusedCase): Promise<string | undefined> {
  const files = each.change(await servers.files(each.recipe));
  if (!files) return undefined;
  const outcome = await drillBackup(putFiles(files), {
    match: each.match ?? matchOf(files),
    engine: { type: each.drill, version: VERSIONS[each.drill] },
    checks: [{ name: 'answers', sql: 'SELECT 1', expect: 1 }],
    runtime: each.drill === 'mysql' ? 'docker' : 'local',
  });
  return faultIn(each, outcome);
}

function faultIn({ code, says }: RefusedCase, { verdict, run, leaks }: DrillOutcome): string | undefined {
  const said = `[${run?.error?.code}] ${run?.error?.message}`;
  if (verdict !== 'errored' || run?.error?.code !== code) return `want errored as ${code}, got ${verdict} ${said}`;
  if (leaks.length > 0) return `left behind: ${leaks.join(', ')}`;
  return says.test(run.error.message) ? undefined : `does not say ${says}: ${said}`;
}

const VERSIONS: Readonly<Record<Product, string>> = { mysql: '9.7', mariadb: '10.11', postgres: '15' };
const TITLES: Readonly<Record<Product, RegExp>> = { mysql: /MySQL/, mariadb: /MariaDB/, postgres: /PostgreSQL/ };

/** Dumps of one product in a drill of another, intact and cut; the product takes precedence over the cut. */
function crossed(): readonly RefusedCase[] {
  const dumps = [...mysqlRecipes(), ...toolRecipes(), ...postgresRecipes()];
  return dumps.flatMap((recipe) => {
    // 0.10 does not state what it dumped
    if (recipe.layout === 'mydumper') return [];
    const drills = (['mysql', 'mariadb', 'postgres'] as const).filter((product) => product !== recipe.product);
    return drills.flatMap((drill): RefusedCase[] => {
      const to = { recipe, drill, code: 'engine-mismatch', says: TITLES[recipe.product] };
      const whole = { ...to, name: `${recipe.name} in a drill of ${drill}`, change: (files: BackupFiles) => files };
      const cut = { ...to, name: `${recipe.name}, cut, in a drill of ${drill}`, change: cutInHalf };
      return recipe.layout === 'plain' && recipe.compressor === 'none' ? [whole, cut] : [whole];
    });
  });
}

function cutInHalf(files: BackupFiles): BackupFiles {
  return new Map([...files].map(([name, bytes]) => [name, bytes.subarray(0, Math.floor(bytes.length / 2))]));
}

/** `mysqldump --tab`: one file of SQL and one of rows for each table, intact and damaged. */
function ofTab(): readonly RefusedCase[] {
  const changes: readonly (readonly [kind: string, change: RefusedCase['change']])[] = [
    ['whole', (files) => files],
    ['rows of a table missing', (files) => without(files, nameIn(files, '.txt', 1))],
    ['a definition missing', (files) => without(files, nameIn(files, '.sql', 2))],
    ['rows of a table empty', (files) => shorten(files, nameIn(files, '.txt', 3), () => 0)],
    ['rows of a table cut', (files) => shorten(files, nameIn(files, '.txt', 4), (length) => length / 2)],
    ['a definition cut', (files) => shorten(files, nameIn(files, '.sql', 5), (length) => length / 2)],
    ['a definition empty', (files) => shorten(files, nameIn(files, '.sql', 6), () => 0)],
    ['a foreign file', (files) => new Map([...files, ['nightly/README.txt', Buffer.from('made by cron\n')]])],
  ];
  return (['mysql', 'mariadb'] as const).flatMap((product) =>
    changes.map(
      ([kind, change]): RefusedCase => ({
        name: `${product} --tab, ${kind}`,
        recipe: tabRecipe(product),
        drill: product,
        match: 'nightly/*',
        code: 'format-unsupported',
        says: /--tab/,
        change,
      }),
    ),
  );
}

function tabRecipe(product: 'mysql' | 'mariadb'): Recipe {
  const version = VERSIONS[product];
  const program = product === 'mysql' ? 'mysqldump' : 'mariadb-dump';
  return {
    name: `${product} ${version} tab`,
    product,
    version,
    layout: 'tab',
    compressor: 'none',
    script: `mkdir "$1" && chmod a+rwx "$1" && ${program} $LOGIN --tab="$1" shop && chmod -R a+rX "$1" && chmod a+r "$1"/*`,
    database: undefined,
    hasCompletionLine: true,
  };
}

function nameIn(files: BackupFiles, ending: string, seed: number): string {
  const names = [...files.keys()].filter((name) => name.endsWith(ending));
  return names[seededRandom(String(seed)).below(names.length)] ?? '';
}

function shorten(files: BackupFiles, name: string, to: (length: number) => number): BackupFiles {
  return new Map(
    [...files].map(([each, bytes]) => [each, each === name ? bytes.subarray(0, to(bytes.length)) : bytes]),
  );
}
