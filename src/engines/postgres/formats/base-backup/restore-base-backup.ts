import type { BackupContent } from '../../../../backup/content.ts';
import type { Sandbox, SandboxFile } from '../../../../sandbox/sandbox.ts';
import type { ProvisionOptions, Restoration } from '../../../format.ts';
import type { PhysicalBackup } from '../../recovery/physical-backup.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import { copyDirectory } from '../../recovery/unpack-parts.ts';
import { pathsIn, prepareUnpacked, unpackTars } from '../../recovery/unpack-tars.ts';
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
  site: RecoverySite,
  onDoing: (doing: string) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const { key } = content.backup;
  if (parts) return unpackTars({ key, parts, beside: manifestOf(content, signal) }, site, onDoing, signal);
  if (content.kind === 'directory') await copyDirectory(content, pathsIn(site), { sandbox: site.sandbox, signal });
  return prepareUnpacked({ key }, site, onDoing, signal);
}

const MANIFEST = 'backup_manifest';

function manifestOf(content: BackupContent, signal: AbortSignal): SandboxFile | undefined {
  const manifest = content.kind === 'directory' ? content.members.get(MANIFEST) : undefined;
  if (!manifest || content.kind !== 'directory') return undefined;
  return { name: MANIFEST, sizeBytes: manifest.exactBytes, content: content.stream(MANIFEST, signal) };
}
