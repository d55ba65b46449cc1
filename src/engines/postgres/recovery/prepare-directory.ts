import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { Tool } from '../server/installed-tools.ts';
import type { Tablespace, Unpacked } from './physical-backup.ts';
import type { UnpackListener } from './unpack-listener.ts';
import type { UnpackPaths } from './unpack-parts.ts';
import { verifyManifest } from './verify-manifest.ts';

export interface UnpackedDirectory {
  readonly sandbox: Sandbox;
  readonly tool: Tool;
  readonly paths: UnpackPaths;
  /** Where configuration from the backup is kept: no server ever reads it. */
  readonly evidence: string;
  /** The backup's key, for messages. */
  readonly key: string;
  /** Tablespaces that are missing from its `tablespace_map`. */
  readonly tablespaces?: readonly Tablespace[] | undefined;
  /** Whether its tool has compared every file with what the server sent. Default: decided by `backup_manifest`. */
  readonly isVerified?: boolean;
  /** Libraries that the drill loads. */
  readonly preload: readonly string[];
  /** Set if the files are of a server that was shut down, without a label; a tar preserves modification times. Default: a backup. */
  readonly stopped?: 'tar' | 'directory' | undefined;
  readonly onDoing: UnpackListener;
}

/**
 * Makes an unpacked directory safe to start a server on: nothing in it leads outside, everything that its label and manifest name exists and is unchanged, and
 * its configuration has been saved elsewhere and emptied.
 * @throws DrillError `backup-truncated`, `backup-corrupt`.
 */
export async function prepareDirectory(directory: UnpackedDirectory, signal: AbortSignal): Promise<Unpacked> {
  const { paths, evidence, key } = directory;
  const { tablespaces, warnings, isVerified } = await checkDirectory(directory, signal);
  const map = tablespaces.map(({ oid }) => `${oid} ${paths.tablespaces}/${oid}\n`).join('');
  const result = await run(directory, NEUTRALISE, [paths.data, evidence], signal, { MAP: map });
  if (result.exitCode !== 0) throw damaged(key, 'its directories are not those of a data directory', result.stderr);
  const preload = preloadedIn(result.stdout, directory.preload);
  if (preload)
    warnings.push(
      `the backed-up server preloads ${preload}: not loaded here unless the drill names it in \`engine.preload\``,
    );
  return { warnings, isVerified };
}

type UnpackedFiles = Omit<UnpackedDirectory, 'evidence' | 'preload'>;

/** Findings about an unpacked directory. */
export interface CheckedDirectory {
  /** They are linked, so that the directory is complete. */
  readonly tablespaces: readonly Tablespace[];
  readonly warnings: string[];
  /** See {@link Unpacked}. */
  readonly isVerified: boolean;
}

/**
 * Checks that an unpacked directory is complete and unchanged, and that nothing in it leads outside. @throws DrillError `backup-truncated`, `backup-corrupt`.
 */
export async function checkDirectory(directory: UnpackedFiles, signal: AbortSignal): Promise<CheckedDirectory> {
  const tablespaces = await linkTablespaces(directory, await lookAt(directory, signal), signal);
  const warnings = directory.isVerified ? [] : await verify(directory, signal);
  return { tablespaces, warnings, isVerified: warnings.length === 0 };
}

/** A server that was itself restored from a backup keeps that backup's manifest, so the manifest of a stopped server proves nothing. @returns warnings. */
async function verify(directory: UnpackedFiles, signal: AbortSignal): Promise<string[]> {
  if (!directory.stopped) return verifyManifest(directory, signal);
  return [`${directory.key} is a copy of a stopped server: whether each file is unchanged was not verified`];
}

/**
 * Links, pipes and files with two names would let a server write outside the directory, or over another file. All in a single command: each one in a sandbox
 * costs a tenth of a second.
 * @returns the text of its `tablespace_map`.
 */
async function lookAt(directory: UnpackedFiles, signal: AbortSignal): Promise<string> {
  const { paths, key } = directory;
  const argv = [paths.data, paths.tablespaces, directory.stopped ?? ''];
  const { stdout, stderr } = await run(directory, LOOK, argv, signal);
  const [, kind, found = ''] = /^(strange|missing|running) (.*)$/m.exec(stdout.split(MAP_MARK, 1)[0] ?? '') ?? [];
  if (kind === 'strange') {
    const name = toPrintable(found.replace(`${paths.data}/`, '').replace(`${paths.tablespaces}/`, 'tablespace '));
    throw new DrillError('backup-corrupt', `${key} holds ${name}, which is a link or a special file: refused`, {
      hint: 'pg_basebackup writes files and directories only. For a server with tablespaces, take the backup with `--format=tar`.',
    });
  }
  if (kind === 'missing') {
    throw new DrillError('backup-truncated', `${key} lacks ${found}`, {
      hint: 'It was cut off, or not all of it was uploaded: compare its size with what was written, and take a new backup.',
    });
  }
  if (kind === 'running') {
    const name = toPrintable(found.replace(`${paths.data}/`, ''));
    const what =
      name === 'postmaster.pid'
        ? 'has a postmaster.pid, which a server removes when it is shut down'
        : `has ${name}, which was written after the server had been shut down`;
    throw new DrillError('backup-corrupt', `${key} is not a copy of a stopped server: it ${what}`, {
      hint: 'Copy the files while the server is stopped, and start it only afterwards; or take backups with pg_basebackup, which needs no stop.',
    });
  }
  if (!stdout.includes(MAP_MARK)) throw damaged(key, 'its files cannot be read', stderr);
  return stdout.slice(stdout.indexOf(MAP_MARK) + MAP_MARK.length);
}

async function linkTablespaces(
  directory: UnpackedFiles,
  map: string,
  signal: AbortSignal,
): Promise<readonly Tablespace[]> {
  const { paths, key } = directory;
  const inMap = readTablespaceMap(map);
  const others = directory.tablespaces?.filter(({ oid }) => !inMap.some((one) => one.oid === oid)) ?? [];
  const tablespaces = [...inMap, ...others];
  if (tablespaces.length === 0) return [];
  const oids = tablespaces.map(({ oid }) => oid);
  const argv = [paths.data, paths.tablespaces, ...oids];
  const { stdout, exitCode, stderr } = await run(directory, LINK_TABLESPACES, argv, signal);
  if (exitCode !== 0) throw damaged(key, 'its tablespaces cannot be linked', stderr);
  const missing = tablespaces.find(({ oid }) => stdout.split('\n').includes(`missing ${oid}`));
  if (missing) throw lacksTablespace(key, missing);
  return tablespaces;
}

/** `backup-truncated`. */
export function lacksTablespace(key: string, { oid, location }: Tablespace): DrillError {
  return new DrillError(
    'backup-truncated',
    `${key} lacks the tablespace ${oid}, which was in ${toPrintable(location)}`,
    { hint: `Take it with \`--format=tar\`, and store ${oid}.tar beside base.tar.` },
  );
}

/** An OID, a space, and a path in which line ends and backslashes are escaped with a backslash. Source: xlog.c, do_pg_backup_start. */
export function readTablespaceMap(text: string): readonly Tablespace[] {
  return text.split(/(?<!\\)\n/).flatMap((line) => {
    const [, oid, location] = /^([1-9]\d{0,9}) ([\s\S]+)$/.exec(line) ?? [];
    return oid !== undefined && location !== undefined ? [{ oid, location }] : [];
  });
}

function damaged(key: string, what: string, stderr: string): DrillError {
  const details = stderr.split('\n').filter(Boolean).slice(-5);
  return new DrillError('backup-corrupt', `${key}: ${what}`, {
    hint: 'Compare it with what pg_basebackup wrote, and take a new backup.',
    details: details.map((line) => toPrintable(line)),
  });
}

/**
 * The last setting in the files wins, even an empty one. A value is a word or quoted. A name is shown only if it looks like one: the files are hostile.
 * @param loaded by the drill. @returns the others: `pg_stat_statements, auto_explain`.
 */
export function preloadedIn(configuration: string, loaded: readonly string[] = []): string | undefined {
  const pattern = /^\s*shared_preload_libraries(?:\s*=\s*|\s+)(?:'([\w, $/."-]{0,200})'|([\w$/.-]{1,200}))/gim;
  const last = [...configuration.matchAll(pattern)].at(-1);
  const value = (last?.[1] ?? last?.[2] ?? '').replaceAll('"', '').trim();
  const others = value.split(/\s*,\s*/).filter((name) => !loaded.includes(name.replace(/^\$libdir\//, '')));
  return others.join(', ') || undefined;
}

function run(
  { sandbox }: UnpackedFiles,
  script: string,
  argv: readonly string[],
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
) {
  return sandbox.exec(['sh', '-c', script, 'prepare', ...argv], { signal, env: { LC_ALL: 'C', ...env } });
}

const MAP_MARK = 'tablespace map\n';

/** The map is read only after it was checked that nothing is a link. */
const LOOK = `
umask 077
mkdir -p "$1" "$2"
strange=$(find "$1" "$2" ! -type d ! -type f -print | head -n 1)
[ -n "$strange" ] || strange=$(find "$1" "$2" -type f -links +1 -print | head -n 1)
[ -z "$strange" ] || { printf 'strange %s\\n' "$strange"; exit; }
label=backup_label
[ -z "$3" ] || label=
for name in $label PG_VERSION global/pg_control; do
  [ -s "$1/$name" ] || { echo "missing $name"; exit; }
done
[ -z "$3" ] || [ ! -e "$1/postmaster.pid" ] || { echo 'running postmaster.pid'; exit; }
if [ "$3" = tar ]; then
  later=$(find "$1/base" "$1/pg_xact" -type f -newer "$1/global/pg_control" -print | head -n 1)
  [ -z "$later" ] || { printf 'running %s\\n' "$later"; exit; }
fi
mkdir -p "$1/pg_tblspc"
echo 'tablespace map'
cat "$1/tablespace_map" 2> /dev/null
true
`;

const LINK_TABLESPACES = `
set -eu
umask 077
data=$1 spaces=$2
shift 2
mkdir -p "$data/pg_tblspc"
for oid in "$@"; do
  [ -d "$spaces/$oid" ] || { echo "missing $oid"; continue; }
  chmod 0700 "$spaces/$oid"
  ln -s "$spaces/$oid" "$data/pg_tblspc/$oid"
done
`;

/**
 * The server reads postgresql.auto.conf even if its configuration is elsewhere, so all files are emptied in place. Empty directories are lost where only files
 * are stored; replication slots would prevent the server from starting with less than logical WAL.
 */
const NEUTRALISE = `
set -eu
umask 077
data=$1 evidence=$2
mkdir -p "$evidence"
cd "$data"
for name in postgresql.conf postgresql.auto.conf pg_hba.conf pg_ident.conf; do
  [ ! -e "$name" ] || mv "$name" "$evidence/"
  : > "$name"
done
echo 'local all all reject' > pg_hba.conf
rm -rf recovery.conf standby.signal postmaster.pid postmaster.opts pg_replslot
mkdir -p pg_commit_ts pg_dynshmem pg_logical/mappings pg_logical/snapshots pg_multixact/members pg_multixact/offsets pg_notify pg_replslot pg_serial
mkdir -p pg_snapshots pg_stat pg_stat_tmp pg_subtrans pg_tblspc pg_twophase pg_wal/archive_status pg_wal/summaries pg_xact
rm -f tablespace_map
[ -z "$MAP" ] || printf '%s' "$MAP" > tablespace_map
: > recovery.signal
chmod 0700 .
cat "$evidence/postgresql.conf" "$evidence/postgresql.auto.conf" 2>/dev/null | grep -ai shared_preload_libraries || true
`;
