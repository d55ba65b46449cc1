import type { BackupContent } from '../../../../backup/content.ts';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { copyDirectory } from '../../../physical/copy-directory.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { type UnpackPaths, unpackParts } from '../../recovery/unpack-parts.ts';
import type { OpenedBaseBackup } from './backup-parts.ts';

const MANIFEST = 'backup_manifest';

/** Unpacks a base backup and its manifest into these directories. @returns warnings. */
export async function unpackBackup(
  { content, parts }: OpenedBaseBackup,
  paths: UnpackPaths,
  { sandbox }: RecoverySite,
  onDoing: (doing: string) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!parts) {
    if (content.kind === 'directory') await copyDirectory(content, paths.data, { sandbox, signal });
    return [];
  }
  // before the tars, so that no link from one of them is followed
  const manifest = manifestOf(content, signal);
  if (manifest) await sandbox.writeFiles(paths.data, only(manifest), signal);
  return unpackParts(parts, paths, { sandbox, onPart: (name) => onDoing(`unpacking ${name}`), signal });
}

function manifestOf(content: BackupContent, signal: AbortSignal): SandboxFile | undefined {
  const manifest = content.kind === 'directory' ? content.members.get(MANIFEST) : undefined;
  if (!manifest || content.kind !== 'directory') return undefined;
  return { name: MANIFEST, sizeBytes: manifest.exactBytes, content: content.stream(MANIFEST, signal) };
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
