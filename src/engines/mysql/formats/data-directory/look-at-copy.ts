import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { LogHead } from '../../log/start-coordinates.ts';
import { readTablespaceHeader } from './innodb-header.ts';
import { isOfTool } from './is-data-directory.ts';
import { ofTool } from './read-data-directory.ts';

/** An unpacked copy. */
export interface CopiedFiles {
  /** Sizes in bytes, by name in the data directory: files at its top level, and those of the redo log. */
  readonly files: ReadonlyMap<string, number>;
  readonly pageSize: number | undefined;
  /** MySQL only; from the system tablespace. */
  readonly serverVersion: string | undefined;
  /** Index files of binary logs, by name, with their lines. */
  readonly logIndexes: ReadonlyMap<string, readonly string[]>;
  /** Flags in the head of each binary log at the top level, by name. */
  readonly logFlags: ReadonlyMap<string, number>;
  /** Facts from the start of each binary log, by name. */
  readonly logHeads: ReadonlyMap<string, LogHead>;
  /** Whether MariaDB's redo log is encrypted. Source: log0log.h, FORMAT_ENCRYPTED. */
  readonly isLogEncrypted: boolean;
  readonly warnings: readonly string[];
}

/**
 * Inspects the files of an unpacked copy. Removes configuration, and links that a server does not need.
 * @throws DrillError `backup-truncated` for a part that was stored elsewhere and so is not in the copy; `format-unsupported` for a backup of another tool.
 */
export async function lookAtCopy(key: string, sandbox: Sandbox, signal: AbortSignal): Promise<CopiedFiles> {
  const argv = ['sh', '-c', LOOK, 'look', sandbox.paths.data, `${sandbox.paths.scratch}/configuration-of-the-backup`];
  const { exitCode, stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  if (exitCode !== 0)
    throw new DrillError(
      'server-failed',
      `the files of ${key} cannot be read in the sandbox: ${toPrintable(stderr, 200)}`,
    );
  const seen = readLines(stdout);
  const tool = [...seen.files.keys()].find((name) => isOfTool(name));
  if (tool !== undefined) throw ofTool(key, tool);
  const [elsewhere] = seen.elsewhere;
  if (elsewhere !== undefined) throw partElsewhere(key, elsewhere, seen.elsewhere.length);
  return seen;
}

interface Elsewhere {
  readonly name: string;
  readonly target: string;
}

/** @param stdout lines of tab-separated fields: a keyword, a name, a value. */
export function readLines(stdout: string): CopiedFiles & { readonly elsewhere: readonly Elsewhere[] } {
  const files = new Map<string, number>();
  const logIndexes = new Map<string, string[]>();
  const logFlags = new Map<string, number>();
  const logHeads = new Map<string, LogHead>();
  const elsewhere: Elsewhere[] = [];
  const warnings: string[] = [];
  let isLogEncrypted = false;
  let head: ReturnType<typeof readTablespaceHeader>;
  for (const line of stdout.split('\n')) {
    const [word, name = '', value = ''] = line.split('\t');
    if (word === 'file') files.set(name, Number(value));
    if (word === 'head') head = readTablespaceHeader(Buffer.from(value.replaceAll(' ', ''), 'hex'));
    if (word === 'redo') isLogEncrypted = (Number.parseInt(value.trim(), 16) & 0x80) !== 0;
    if (word === 'elsewhere') elsewhere.push({ name, target: value });
    if (word === 'left-out') warnings.push(`${toPrintable(name, 200)} is a link, and was left out`);
    if (word === 'index') logIndexes.set(name, [...(logIndexes.get(name) ?? []), value]);
    if (word === 'flags') logFlags.set(name, Number.parseInt(value.trim(), 16));
    const begun = word === 'begun' ? Buffer.from(value.replaceAll(' ', ''), 'hex') : undefined;
    if (begun?.length === 9)
      logHeads.set(name, { file: name, seconds: begun.readUInt32LE(0), serverId: begun.readUInt32LE(5) });
  }
  const { pageSize, serverVersion } = head ?? {};
  return { files, pageSize, serverVersion, logIndexes, logFlags, logHeads, isLogEncrypted, warnings, elsewhere };
}

function partElsewhere(key: string, { name, target }: Elsewhere, count: number): DrillError {
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  return new DrillError(
    'backup-truncated',
    `${key} holds only a link for ${toPrintable(name, 200)}: its file is at ${toPrintable(target, 200)} on the server${more}, and not in the copy`,
    {
      hint: 'Copy what the data directory links to as well (`tar --dereference`), or take the backup with mariadb-backup or XtraBackup, which follow such links.',
    },
  );
}

/**
 * Prints facts, one per line. A binary log's first event begins at 4: time, type and server; the flag of a log that was not closed is at 21. Index files that
 * name logs elsewhere are rewritten to name the ones in the copy. `.isl` files hold the path of a tablespace that is stored elsewhere.
 */
const LOOK = `
set -eu
data=$1 aside=$2
cd "$data"
mkdir -p "$aside"
for file in *.cnf mysqld-auto.cnf mysqld.my; do
  case $file in auto.cnf) continue ;; esac
  [ ! -f "$file" ] || mv -f "$file" "$aside/"
done
find . -type l -print | while IFS= read -r link; do
  name=\${link#./}
  case $name in
    *.log|*.err|*.pem|*.pid|*.sock|*.cnf|*.lock) rm -f "$link"; printf 'left-out\\t%s\\t\\n' "$name" ;;
    *) printf 'elsewhere\\t%s\\t%s\\n' "$name" "$(readlink "$link" | head -n 1)" ;;
  esac
done
find . -name '*.isl' -type f -print | while IFS= read -r file; do
  name=\${file#./}
  printf 'elsewhere\\t%s\\t%s\\n' "\${name%.isl}.ibd" "$(head -c 512 "$file" | tr '\\000\\n\\t' '   ')"
done
find . ! -type f ! -type d ! -type l -exec rm -f {} +
for file in * '#innodb_redo'/*; do
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  printf 'file\\t%s\\t%s\\n' "$file" "$(wc -c < "$file" | tr -d ' ')"
done
for directory in mysql; do [ ! -d "$directory" ] || printf 'file\\tmysql/\\t0\\n'; done
[ ! -f ibdata1 ] || printf 'head\\tibdata1\\t%s\\n' "$(od -An -v -tx1 -N64 ibdata1 | tr -d '\\n')"
[ ! -f ib_logfile0 ] || printf 'redo\\tib_logfile0\\t%s\\n' "$(od -An -v -tx1 -N1 ib_logfile0)"
for index in *.index; do
  [ -f "$index" ] || continue
  sed 's#^.*/##' "$index" > "$aside/index"
  while IFS= read -r name; do
    [ -f "$name" ] || continue
    printf 'index\\t%s\\t%s\\n' "$index" "$name"
    printf 'flags\\t%s\\t%s\\n' "$name" "$(od -An -tx1 -j21 -N1 "$name")"
    printf 'begun\\t%s\\t%s\\n' "$name" "$(od -An -v -tx1 -j4 -N9 "$name" | tr -d '\\n')"
  done < "$aside/index"
  sed 's#^#./#' "$aside/index" > "$index"
  rm -f "$aside/index"
done
`;
