import type { Readable } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../support/free-up-space.ts';
import { toPrintable } from '../../../support/printable.ts';
import { cutTar, requireTarEnd } from '../../physical/require-tar-end.ts';
import type { BackupPart, Unpacker } from './backup-part.ts';

/** Directories of the sandbox that a base backup is unpacked into. */
export interface UnpackPaths {
  readonly data: string;
  /** Has a subdirectory for each tablespace, named by its OID. */
  readonly tablespaces: string;
}

/** Number of tars unpacked in parallel. */
const AT_ONCE = 3;

/**
 * Unpacks the tars inside the sandbox, several in parallel if they are for different directories. Compressed bytes are sent as stored if the sandbox has the
 * program. A tar is hostile: it can neither leave its directory nor replace what another one wrote. Links that a server does not need are skipped.
 * @returns warnings. Throws DrillError `backup-truncated`, `backup-corrupt`, `disk-full`, or what the content's stream threw.
 */
export async function unpackParts(
  parts: readonly BackupPart[],
  paths: UnpackPaths,
  { sandbox, onPart, signal }: { sandbox: Sandbox; onPart: (name: string) => void; signal: AbortSignal },
): Promise<string[]> {
  const warnings: string[] = [];
  const { able, tellsCut } = await findUnpackers(sandbox, signal);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const queue = chainsOf(parts).values();
  const lane = async (): Promise<void> => {
    for (const part of flatten(queue)) {
      onPart(part.name);
      const tool =
        part.stored && part.compressedWith && able.has(part.compressedWith) ? part.compressedWith : undefined;
      const stdin = tool && part.stored ? part.stored(either) : requireTarEnd(await part.open(either), part.name);
      const root = typeof part.into === 'object' ? directoryOf(part, paths) : paths.data;
      const place = { root, directory: directoryOf(part, paths) };
      warnings.push(...(await unpack(part, place, { sandbox, tool, stdin, tellsCut, signal: either })));
    }
  };
  const lanes = Array.from({ length: AT_ONCE }, () => lane().catch((error: unknown) => failed.abort(error)));
  await Promise.all(lanes);
  either.throwIfAborted();
  return warnings;
}

/** Tars for one directory are unpacked one after another: the log’s is inside that of the data. */
function chainsOf(parts: readonly BackupPart[]): readonly (readonly BackupPart[])[] {
  return [...Map.groupBy(parts, ({ into }) => (typeof into === 'object' ? into.tablespace : 'data')).values()];
}

function* flatten<T>(chains: Iterable<readonly T[]>): Generator<T> {
  for (const chain of chains) yield* chain;
}

function directoryOf({ into }: BackupPart, { data, tablespaces }: UnpackPaths): string {
  if (into === 'data') return data;
  return into === 'log' ? `${data}/pg_wal` : `${tablespaces}/${into.tablespace}`;
}

interface Unpackers {
  readonly able: ReadonlySet<string>;
  /** Whether the sandbox's tar reports a missing end-of-archive marker. GNU tar does since 1.35. */
  readonly tellsCut: boolean;
}

async function findUnpackers(sandbox: Sandbox, signal: AbortSignal): Promise<Unpackers> {
  const { stdout } = await sandbox.exec(['sh', '-c', FIND_UNPACKERS], { signal, env: { LC_ALL: 'C' } });
  const able = new Set(stdout.split('\n'));
  return { able, tellsCut: able.has('tells-cut') };
}

/** Determined by trying: a directory in a tar without an end-of-archive marker. */
const FIND_UNPACKERS = `
for tool in gzip zstd lz4; do command -v "$tool" > /dev/null && echo "$tool"; done
tar -c -f - --no-recursion -C / . 2> /dev/null | head -c 512 | tar -t -f - --warning=missing-zero-blocks 2>&1 | grep -q 'zero blocks missing' && echo tells-cut
true
`;

async function unpack(
  { name, into, isInFolder }: BackupPart,
  { root, directory }: { readonly root: string; readonly directory: string },
  o: { sandbox: Sandbox; tool: Unpacker | undefined; stdin: Readable; tellsCut: boolean; signal: AbortSignal },
): Promise<string[]> {
  const { sandbox, tool, stdin, signal, tellsCut } = o;
  const decompress = tellsCut ? DECOMPRESS_AND_TELL : DECOMPRESS_AND_LOOK;
  const lift = isInFolder ? LIFT : '';
  const script = `${REFUSE_LINKS}${tool ? decompress : EXTRACT}${lift}${into === 'data' ? LEAVE_OUT_LINKS : ''}`;
  const argv = ['sh', '-c', script, 'unpack', isInFolder ? `${directory}/.unpacked` : directory, tool ?? '', root];
  const { exitCode, stdout, stderr } = await sandbox.exec(argv, { stdin, isStdinLarge: true, signal, env: UNPACKING });
  if (exitCode === HAS_LINK) throw refuseLink(name, stderr.replace(`${root}/`, ''));
  if (exitCode === IS_CUT || (exitCode === 0 && tool && tellsCut && NO_END.test(stderr))) throw cutTar(name);
  if (exitCode === HAS_NONE) throw lacksControl(name);
  if (exitCode === HAS_SEVERAL) throw holdsSeveral(name, stderr.replaceAll(`${directory}/.unpacked/`, ''));
  if (exitCode !== 0) throw explainUnpacking(name, stderr, exitCode);
  return stdout.split('\n').flatMap((line) => {
    const [, link] = /^left out (.*)$/.exec(line) ?? [];
    return link === undefined ? [] : [`${toPrintable(link)} in ${name} is a link, and was left out`];
  });
}

/** @param stderr of tar, and of the program that feeds it. */
export function explainUnpacking(name: string, stderr: string, exitCode: number): DrillError {
  const details = stderr
    .split('\n')
    .filter(Boolean)
    .slice(-5)
    .map((line) => toPrintable(line));
  if (/no space left/i.test(stderr)) {
    return new DrillError('disk-full', `the sandbox is full: ${name} could not be unpacked`, {
      hint: FREE_UP_SPACE,
      details,
    });
  }
  const isShort = /unexpected eof|unexpected end|premature end|unfinished stream|truncated|too short|short read/i.test(
    stderr,
  );
  const hint = 'Compare its size and checksum with what was written, and take a new backup.';
  if (isShort) return new DrillError('backup-truncated', `${name} ends too early`, { hint, details });
  return new DrillError('backup-corrupt', `${name} cannot be unpacked (exit code ${exitCode})`, { hint, details });
}

/** @param link its name within the directory. */
function refuseLink(name: string, link: string): DrillError {
  return new DrillError(
    'backup-corrupt',
    `a tar before ${name} holds ${toPrintable(link.trim())}, which is a link: refused`,
    {
      hint: 'Through a link, the next tar could write outside the data directory. No backup tool writes one there: check who can write to the source.',
    },
  );
}

function lacksControl(name: string): DrillError {
  return new DrillError('backup-truncated', `${name} lacks global/pg_control`, {
    hint: 'The tar has to hold the whole data directory: look at what the job puts into it.',
  });
}

function holdsSeveral(name: string, found: string): DrillError {
  const folders = found.split('\n').filter(Boolean);
  return new DrillError('format-unsupported', `${name} holds ${folders.length} data directories`, {
    hint: 'Store each of them as a tar of its own: nothing says which one a drill is to restore.',
    details: folders.slice(0, 5).map((line) => toPrintable(line, 300)),
  });
}

const HAS_LINK = 90;
const IS_CUT = 91;
const HAS_NONE = 92;
const HAS_SEVERAL = 93;

/** tar creates links to the outside after it has unpacked the rest, but the next tar for the same directory would follow them. */
const REFUSE_LINKS = `
set -eu
if [ -d "$3" ]; then
  link=$(find "$3" -type l -print | head -n 1)
  if [ -n "$link" ]; then printf '%s' "$link" >&2; exit ${HAS_LINK}; fi
fi
`;

/** `-k`: a name that already exists is an error. tar itself refuses `..`, strips a leading slash, and creates links to the outside last. */
const EXTRACT = `
umask 077
mkdir -p "$1"
tar -x -k -f - -C "$1"
`;

/** GNU tar's messages if none or only one of the two blocks of zeros is there. */
const NO_END = /tar: (?:Terminating zero blocks missing|A lone zero block)/;

/** For GNU tar, which otherwise reads and writes 10 KiB at a time. */
const UNPACKING = { LC_ALL: 'C', TAR_OPTIONS: '--blocking-factor=256' };

/**
 * sh has no pipefail: each program that fails reports that on descriptor 4. A tar that was cut between two members is unpacked without an error, but not
 * without a warning.
 */
const DECOMPRESS_AND_TELL = `
umask 077
mkdir -p "$1"
exec 3>&1
failed=$( {
  { "$2" -d -c || echo failed >&4; } | tar -x -k -f - -C "$1" --warning=missing-zero-blocks >&3 || echo failed >&4
} 4>&1 )
[ -z "$failed" ] || exit 1
`;

/**
 * Like {@link DECOMPRESS_AND_TELL}, for a tar that does not warn: its input also goes to `tail`, through descriptor 5. The last 1024 bytes must be zeros, as
 * requireTarEnd demands.
 */
const DECOMPRESS_AND_LOOK = `
umask 077
mkdir -p "$1"
exec 3>&1
failed=$( {
  { { "$2" -d -c || echo failed >&4; } | tee /dev/fd/5 | tar -x -k -f - -C "$1" >&3 || echo failed >&4; } 5>&1 |
    { end=$(tail -c 1024 | tr '0\\000' '10'); case $end in *[!0]*) end= ;; esac; [ \${#end} -eq 1024 ] || echo cut >&4; }
} 4>&1 )
case $failed in '') ;; cut) exit ${IS_CUT} ;; *) exit 1 ;; esac
`;

/** Moves a data directory that is in a folder of its tar to the expected place. Everything else in the tar is left out. */
const LIFT = `
found=$(find "$1" -maxdepth 10 -path '*/global/pg_control' -print)
case $found in
  '') exit ${HAS_NONE} ;;
  *"
"*) printf '%s\\n' "$found" | sed 's,/global/pg_control$,,' >&2; exit ${HAS_SEVERAL} ;;
esac
find "\${found%/global/pg_control}" -mindepth 1 -maxdepth 1 -exec mv {} "$3/" \\;
rm -rf "$1"
`;

/** As pg_basebackup does with links, for example to a log directory. A link in place of something that the server itself writes stays, and is refused later. */
const LEAVE_OUT_LINKS = `
for link in "$3"/* "$3"/.[!.]*; do
  [ -L "$link" ] || continue
  case \${link##*/} in
    base|global|PG_VERSION|backup_label|backup_manifest|tablespace_map|*.signal) continue ;;
    pg_log|pg_stat_tmp) ;;
    pg_*) continue ;;
  esac
  rm "$link"
  printf 'left out %s\\n' "\${link##*/}"
done
`;
