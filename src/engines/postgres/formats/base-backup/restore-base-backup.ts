import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import type { ProvisionOptions, Restoration } from '../../../format.ts';
import type { PhysicalBackup } from '../../recovery/physical-backup.ts';
import { prepareDirectory } from '../../recovery/prepare-directory.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import { copyDirectory, unpackParts } from '../../recovery/unpack-parts.ts';
import type { OpenedBaseBackup } from './backup-parts.ts';

/** Checks the sandbox's server; the data directory is written, recovered and started when the restoration is run. */
export function provisionBaseBackup(
  opened: OpenedBaseBackup,
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const { content, label, major } = opened;
  const backup: PhysicalBackup = {
    key: content.backup.key,
    major,
    label,
    meter: content.meter,
    unpack: (site, onDoing, signal) => unpackBackup(opened, site, onDoing, signal),
  };
  return provisionPhysical(backup, sandbox, options);
}

/** @returns warnings. */
async function unpackBackup(
  { content, parts }: OpenedBaseBackup,
  { sandbox, tool }: RecoverySite,
  onDoing: (doing: string) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const paths = { data: sandbox.paths.data, tablespaces: `${sandbox.paths.scratch}/tablespaces` };
  if (parts) await unpackParts(parts, paths, { sandbox, onPart: (name) => onDoing(`unpacking ${name}`), signal });
  else if (content.kind === 'directory') await copyDirectory(content, paths, { sandbox, signal });
  const manifest = content.kind === 'directory' && parts ? content.members.get(MANIFEST) : undefined;
  if (manifest && content.kind === 'directory') {
    const file = { name: MANIFEST, sizeBytes: manifest.exactBytes, content: content.stream(MANIFEST, signal) };
    await sandbox.writeFiles(paths.data, only(file), signal);
  }
  onDoing('verifying files');
  const evidence = `${sandbox.paths.scratch}/configuration-of-the-backup`;
  return prepareDirectory({ sandbox, tool, paths, evidence, key: content.backup.key }, signal);
}

const MANIFEST = 'backup_manifest';

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
