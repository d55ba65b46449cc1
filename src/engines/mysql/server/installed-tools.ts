import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { seriesOf, versionIn } from '../../../support/versions.ts';
import type { Flavor } from '../flavor.ts';

export interface InstalledTools {
  /** The server's program, with its path. */
  readonly server: string;
  readonly version: string;
  readonly major: string;
  /** The directory with error messages and character sets, and for MariaDB the SQL of its system tables. */
  readonly share: string;
  /** The plugin directory; undefined when there is none. */
  readonly plugins: string | undefined;
}

const found = new WeakMap<Sandbox, Map<Flavor, Promise<InstalledTools>>>();

/**
 * Looks in the sandbox's own directories, then PATH, then where distributions put the server. One exec per sandbox, shared by all callers.
 * @throws DrillError `tool-missing` when there is no server of this product.
 */
export function findTools(sandbox: Sandbox, flavor: Flavor, signal: AbortSignal): Promise<InstalledTools> {
  const known = found.get(sandbox) ?? new Map<Flavor, Promise<InstalledTools>>();
  found.set(sandbox, known);
  const before = known.get(flavor);
  if (before) return before;
  const search = searchSandbox(sandbox, flavor, signal);
  known.set(flavor, search);
  search.catch(() => known.delete(flavor)); // an aborted search must not stay cached
  return search;
}

/** File names in the server's plugin directory, without extension, in lower case. */
export async function listLibraries(sandbox: Sandbox, { plugins }: InstalledTools): Promise<ReadonlySet<string>> {
  if (plugins === undefined) return new Set();
  const { stdout } = await sandbox.exec(['ls', '-1', '--', plugins], { signal: sandbox.gone, env: { LC_ALL: 'C' } });
  return new Set(stdout.split('\n').map((name) => name.replace(/\.so$/, '').toLowerCase()));
}

async function searchSandbox(sandbox: Sandbox, flavor: Flavor, signal: AbortSignal): Promise<InstalledTools> {
  const argv = ['sh', '-c', SEARCH, 'search', flavor.serverPrograms.join(' '), ...sandbox.binDirs];
  const { stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  const rows = stdout.split('\n').map((line) => line.split('\t'));
  for (const [path = '', banner = '', share = '', plugins = ''] of rows) {
    const version = flavor.isOwnBanner(banner) ? versionIn(banner, 3) : undefined;
    if (!version || share === '') continue;
    return { server: path, version, major: seriesOf(version, 2), share, plugins: plugins === '' ? undefined : plugins };
  }
  const others = rows.flatMap(([path = '', banner = '']) => (path ? [`${path}: ${banner}`] : []));
  throw new DrillError('tool-missing', `no ${flavor.title} server in ${sandbox.provenance.name}`, {
    hint: `Name an image that holds a ${flavor.title} server in \`engine.image\`, or install its server package.`,
    details: [...others, ...stderr.split('\n').filter(Boolean)].slice(-5),
  });
}

/**
 * Prints one line per server: path, version banner, share directory, plugin directory. The share directory is the one with the error messages: next to the
 * program (tarballs), or below /usr/share under one of many names (`mysql-8.4` in the official images). Each program is run only once, however many paths lead
 * to it: a run takes 50 ms.
 */
const SEARCH = `
programs=$1
shift
seen=: asked=:
IFS=:
for dir in "$@" $PATH /usr/sbin /usr/libexec /usr/local/mysql/bin; do
  case $seen in *":$dir:"*) continue ;; esac
  seen="$seen$dir:"
  IFS=' '
  for program in $programs; do
    [ -x "$dir/$program" ] || continue
    real=$(readlink -f "$dir/$program")
    case $asked in *":$real:"*) continue ;; esac
    asked="$asked$real:"
    banner=$("$dir/$program" --no-defaults --version 2> /dev/null | tr '\\t\\n' '  ')
    share= plugins=
    case $banner in *MariaDB*) names='mariadb mysql' ;; *) names='mysql' ;; esac
    for name in $names; do
      for candidate in "$dir/../share/$name" "$dir/../share/$name"-* "/usr/share/$name" "/usr/share/$name"-* "$dir/../share"; do
        [ -f "$candidate/english/errmsg.sys" ] || continue
        case $banner in *MariaDB*) [ -f "$candidate/\${name}_system_tables.sql" ] || continue ;; esac
        share=$(cd "$candidate" && pwd)
        break 2
      done
    done
    for candidate in "$dir/../lib/plugin" "$dir"/../lib/mysql/plugin "$dir"/../lib/mariadb/plugin "$dir"/../lib64/mysql/plugin "$dir"/../lib64/mariadb/plugin "$dir"/../lib/*/mariadb*/plugin; do
      [ -d "$candidate" ] || continue
      plugins=$(cd "$candidate" && pwd)
      break
    done
    printf '%s\\t%s\\t%s\\t%s\\n' "$dir/$program" "$banner" "$share" "$plugins"
  done
  IFS=:
done
`;
