import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { compareVersions, isAtLeast, versionIn } from '../../../support/versions.ts';
import { majorOf } from '../major.ts';

/** A program in the sandbox, with its version. */
export interface Tool {
  readonly dir: string;
  readonly version: string;
  readonly major: string;
}

export interface InstalledTools {
  /** Directory and version of `postgres`; `initdb` and `pg_ctl` are in the same directory. */
  readonly server: Tool;
  /** Every pg_restore found, the server's own first. */
  readonly restores: readonly Tool[];
  readonly extensions: ReadonlySet<string>;
  /** Libraries that the server can load, by name; empty if their directory was not found. */
  readonly libraries: ReadonlySet<string>;
}

const found = new WeakMap<Sandbox, Promise<InstalledTools>>();

/**
 * Searches the sandbox's own directories, then PATH, then where distributions install Postgres. One exec per sandbox, shared by all callers.
 * @throws DrillError `tool-missing` if there is no server.
 */
export function findTools(sandbox: Sandbox, signal: AbortSignal): Promise<InstalledTools> {
  const known = found.get(sandbox);
  if (known) return known;
  const search = searchSandbox(sandbox, signal);
  found.set(sandbox, search);
  search.catch(() => found.delete(sandbox)); // an aborted search must not stay cached
  return search;
}

/** @returns the pg_restore for an archive that needs at least this version: the server's own, otherwise the oldest that is new enough. */
export function chooseRestore(tools: InstalledTools, oldest: string): Tool | undefined {
  const able = tools.restores.filter((tool) => isAtLeast(tool.major, oldest));
  const own = able.find((tool) => tool.major === tools.server.major);
  return own ?? able.toSorted((a, b) => compareVersions(a.major, b.major))[0];
}

async function searchSandbox(sandbox: Sandbox, signal: AbortSignal): Promise<InstalledTools> {
  const result = await sandbox.exec(['sh', '-c', SEARCH, 'search', ...sandbox.binDirs], {
    signal,
    env: { LC_ALL: 'C' },
  });
  const rows = result.stdout.split('\n').map((line) => line.split('\t'));
  const tools = (kind: string): Tool[] =>
    rows.flatMap(([what, dir = '', banner = '']) => {
      const version = what === kind ? versionIn(banner) : undefined;
      return version ? [{ dir, version, major: majorOf(version) }] : [];
    });
  const server = tools('postgres')[0];
  if (!server) {
    throw new DrillError('tool-missing', `no postgres server binary in ${sandbox.provenance.name}`, {
      hint: 'Name an image that holds a Postgres server in `engine.image`, or install the package `postgresql`.',
      details: result.stderr.split('\n').filter(Boolean).slice(-5),
    });
  }
  const namesOf = (kind: string): Set<string> =>
    new Set(rows.flatMap(([what, dir, name = '']) => (what === kind && dir === server.dir ? [name] : [])));
  return {
    server,
    restores: tools('pg_restore'),
    extensions: namesOf('extension'),
    libraries: namesOf('library'),
  };
}

/**
 * Debian's /usr/bin/pg_restore is a wrapper that selects by clusters, which do not exist here, so it is skipped. The share directory is the one that contains
 * postgres.bki: next to the binaries (relocatable builds), or where Debian installs it. The library directory is the one that contains plpgsql, in the same
 * places.
 */
const SEARCH = `
seen=:
IFS=:
for dir in "$@" $PATH /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin; do
  case $seen in *":$dir:"*) continue ;; esac
  seen="$seen$dir:"
  for tool in postgres pg_restore; do
    [ -x "$dir/$tool" ] || continue
    case $(readlink -f "$dir/$tool") in *pg_wrapper) continue ;; esac
    printf '%s\\t%s\\t%s\\n' "$tool" "$dir" "$("$dir/$tool" --version)"
  done
  [ -x "$dir/postgres" ] || continue
  major=\${dir%/bin}
  for share in "$dir/../share/postgresql" "$dir/../share" "/usr/share/postgresql/\${major##*/}" "$("$dir/pg_config" --sharedir 2>/dev/null)"; do
    [ -f "$share/postgres.bki" ] || continue
    for control in "$share"/extension/*.control; do
      name=\${control##*/}
      printf 'extension\\t%s\\t%s\\n' "$dir" "\${name%.control}"
    done
    break
  done
  for lib in "$dir/../lib/postgresql" "$dir/../lib" "$("$dir/pg_config" --pkglibdir 2>/dev/null)" "/usr/lib/postgresql\${major##*/postgresql}" /usr/lib/postgresql; do
    for library in "$lib"/plpgsql.*; do [ -f "$library" ] || continue 2; done
    for library in "$lib"/*.so "$lib"/*.dylib; do
      name=\${library##*/}
      printf 'library\\t%s\\t%s\\n' "$dir" "\${name%.*}"
    done
    break
  done
done
`;
