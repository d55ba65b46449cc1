import type { BackupPart } from './backup-part.ts';
import type { Tablespace, Unpacked } from './physical-backup.ts';
import { prepareDirectory, type UnpackedDirectory } from './prepare-directory.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { UnpackListener } from './unpack-listener.ts';
import { type UnpackPaths, unpackParts } from './unpack-parts.ts';

/** A backup whose files are in tars. */
export interface TarredBackup {
  /** For messages. */
  readonly key: string;
  readonly parts: readonly BackupPart[];
  /** Tablespaces that are missing from its `tablespace_map`. */
  readonly tablespaces?: readonly Tablespace[] | undefined;
}

/** Unpacks a backup into the sandbox, ready for a server to recover in it. */
export async function unpackTars(
  { key, parts, tablespaces }: TarredBackup,
  site: RecoverySite,
  onDoing: UnpackListener,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { sandbox } = site;
  const paths = pathsIn(site);
  const onPart = (name: string) => onDoing(`unpacking ${name}`);
  const droppedLinks = await unpackParts(parts, paths, { sandbox, onPart, signal });
  const { warnings, isVerified } = await prepareUnpacked({ key, tablespaces }, site, onDoing, signal);
  return { warnings: [...droppedLinks, ...warnings], isVerified };
}

/** Prepares what has been unpacked into {@link pathsIn}. @param isVerified and `stopped`: see `prepareDirectory`. */
export function prepareUnpacked(
  {
    key,
    tablespaces,
    isVerified = false,
    stopped,
  }: Pick<TarredBackup, 'key' | 'tablespaces'> & Pick<UnpackedDirectory, 'isVerified' | 'stopped'>,
  site: RecoverySite,
  onDoing: UnpackListener,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { sandbox, tool, boot } = site;
  if (isVerified) onDoing('preparing the data directory', { step: 'unknown' });
  const evidence = `${sandbox.paths.scratch}/configuration-of-the-backup`;
  const paths = pathsIn(site);
  const { preload } = boot;
  const directory = { sandbox, tool, paths, evidence, key, tablespaces, isVerified, preload, stopped, onDoing };
  return prepareDirectory(directory, signal);
}

/** Where a backup is unpacked. */
export function pathsIn({ sandbox }: RecoverySite): UnpackPaths {
  return { data: sandbox.paths.data, tablespaces: `${sandbox.paths.scratch}/tablespaces` };
}
