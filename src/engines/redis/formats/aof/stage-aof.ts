import { Readable } from 'node:stream';
import type { DirectoryContent, ObjectContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../../support/free-up-space.ts';
import { copyDirectory } from '../../../physical/copy-directory.ts';
import { APPEND_ONLY_FILE, APPEND_ONLY_FOLDER } from '../../server/start-server.ts';
import { type AofManifest, type AofPart, partsOf, readManifest, writeManifest } from './manifest.ts';

/** What to stage: a folder whose manifest has been read, a tar of one, or a single file. */
export type AofContent =
  | { readonly content: DirectoryContent; readonly manifest: AofManifest }
  | { readonly content: ObjectContent; readonly isTar?: true };

export interface StagedAof {
  readonly manifest: AofManifest;
  /** Original names of parts that are renamed here. */
  readonly originals: ReadonlyMap<string, string>;
  /** Path in the sandbox of the folder that the server loads from. */
  readonly folder: string;
  /** Total size of all parts. */
  readonly bytes: number;
}

const SINGLE: AofManifest = { base: { name: APPEND_ONLY_FILE, sequence: 1 }, increments: [] };

/**
 * Puts the parts where the server looks for them, with a manifest under the name that it is configured to use. @throws DrillError `backup-truncated`,
 * `backup-corrupt`.
 */
export async function stageAof(aof: AofContent, sandbox: Sandbox, signal: AbortSignal): Promise<StagedAof> {
  const folder = `${sandbox.paths.data}/${APPEND_ONLY_FOLDER}`;
  const { key } = aof.content.backup;
  let manifest = SINGLE;
  let originals: ReadonlyMap<string, string> = new Map();
  if ('manifest' in aof) {
    manifest = renamed(aof.manifest);
    originals = new Map(partsOf(aof.manifest).map(({ name }, index) => [partsOf(manifest)[index]?.name ?? name, name]));
    await copyDirectory(withNames(aof.content, originals), folder, { sandbox, signal });
  } else if (aof.isTar) {
    manifest = await unpack(key, aof.content, { sandbox, folder, signal });
  } else {
    const file = { name: APPEND_ONLY_FILE, sizeBytes: undefined, content: aof.content.stream(signal) };
    await sandbox.writeFiles(folder, Readable.from([file]), signal);
  }
  const text = writeManifest(manifest);
  const list = {
    name: `${APPEND_ONLY_FILE}.manifest`,
    sizeBytes: Buffer.byteLength(text),
    content: Readable.from([Buffer.from(text)]),
  };
  await sandbox.writeFiles(folder, Readable.from([list]), signal);
  return { manifest, originals, folder, bytes: await sizeOf(key, manifest, { sandbox, folder, signal }) };
}

/** Sandboxes reject names with spaces and similar characters; servers accept them. */
function renamed({ base, increments }: AofManifest): AofManifest {
  const own = (kind: string) => (part: AofPart) => ({
    ...part,
    name: `${APPEND_ONLY_FILE}.${part.sequence}.${kind}.aof`,
  });
  return { base: base && own('base')(base), increments: increments.map(own('incr')) };
}

/** The files of a folder that have been renamed, under their new names. */
function withNames(content: DirectoryContent, originals: ReadonlyMap<string, string>): DirectoryContent {
  const members = [...originals].flatMap(([name, original]) => {
    const member = content.members.get(original);
    return member ? [[name, member] as const] : [];
  });
  return {
    ...content,
    members: new Map(members),
    stream: (name, signal) => content.stream(originals.get(name) ?? name, signal),
  };
}

interface Place {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The manifest is read where it was unpacked; only regular files that it lists are moved, under their base names. */
const UNPACK =
  'mkdir -p "$1" "$2" && tar -xf - -C "$1" --no-same-owner && find "$1" -type f -name "*.manifest" | head -n 2 > "$1.list" && [ "$(wc -l < "$1.list")" = 1 ] || exit 3; cat "$(cat "$1.list")"';
const MOVE =
  'from=$(dirname "$(cat "$1.list")"); to=$2; shift 2; for name; do [ -f "$from/$name" ] && [ ! -L "$from/$name" ] && mv "$from/$name" "$to/" || { echo "$name" >&2; exit 3; }; done';

async function unpack(key: string, content: ObjectContent, { sandbox, folder, signal }: Place): Promise<AofManifest> {
  const scratch = `${sandbox.paths.scratch}/aof`;
  const unpacked = await sandbox.exec(['sh', '-c', UNPACK, 'unpack', scratch, folder], {
    stdin: content.stream(signal),
    isStdinLarge: true,
    env: { LC_ALL: 'C' },
    signal,
  });
  if (unpacked.exitCode !== 0) {
    if (/no space left/i.test(unpacked.stderr)) {
      throw new DrillError('disk-full', `no space left in the sandbox to unpack ${key}`, {
        hint: FREE_UP_SPACE,
      });
    }
    const what = /manifest|^$/.test(unpacked.stderr) ? 'has no single manifest' : 'cannot be unpacked';
    throw new DrillError('backup-truncated', `${key} ${what}`, {
      details: unpacked.stderr.split('\n').filter(Boolean).slice(-3),
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
    });
  }
  const manifest = readManifest(key, unpacked.stdout);
  const names = partsOf(manifest).map(({ name }) => name);
  const moved = await sandbox.exec(['sh', '-c', MOVE, 'move', scratch, folder, ...names], { signal });
  if (moved.exitCode === 0) return manifest;
  throw new DrillError(
    'backup-truncated',
    `${key} lacks ${moved.stderr.trim().split('\n').at(-1)}, which its manifest lists`,
    {
      hint: 'Copy the folder as a whole, while no rewrite is in progress: the server deletes files once a rewrite ends.',
    },
  );
}

async function sizeOf(key: string, manifest: AofManifest, { sandbox, folder, signal }: Place): Promise<number> {
  const paths = partsOf(manifest).map(({ name }) => `${folder}/${name}`);
  const { exitCode, stdout, stderr } = await sandbox.exec(['stat', '-c', '%s', ...paths], {
    signal,
    env: { LC_ALL: 'C' },
  });
  if (exitCode === 0)
    return stdout
      .trim()
      .split('\n')
      .reduce((sum, line) => sum + Number(line), 0);
  throw new DrillError('server-failed', `the files of ${key} cannot be read in the sandbox`, { details: [stderr] });
}
