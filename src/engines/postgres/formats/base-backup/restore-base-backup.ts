import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import type { ProvisionOptions, Restoration } from '../../../format.ts';
import type { PhysicalBackup, Unpacked } from '../../recovery/physical-backup.ts';
import type { RecoverySite } from '../../recovery/recovery-site.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import type { UnpackListener } from '../../recovery/unpack-listener.ts';
import { pathsIn, prepareUnpacked } from '../../recovery/unpack-tars.ts';
import type { OpenedBaseBackup } from './backup-parts.ts';
import { combineChain, requireCombine } from './combine-chain.ts';
import { unpackBackup } from './unpack-backup.ts';

/**
 * Checks the sandbox's server; the data directory is written, recovered and started when the restoration runs.
 * @param chain the full backup and its increments, the chosen backup last.
 */
export async function provisionBaseBackup(
  chain: readonly [OpenedBaseBackup, ...OpenedBaseBackup[]],
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const { content, label, major, isStopped } = chain.at(-1) ?? chain[0];
  const backup: PhysicalBackup = {
    key: content.backup.key,
    major,
    label,
    isStopped,
    meter: content.meter,
    unpack: (site, onDoing, signal) =>
      chain.length === 1 ? unpackOne(chain[0], site, onDoing, signal) : combineChain(chain, site, onDoing, signal),
  };
  const restoration = await provisionPhysical(backup, sandbox, options);
  if (chain.length > 1) await requireCombine(sandbox, options.signal);
  return restoration;
}

async function unpackOne(
  backup: OpenedBaseBackup,
  site: RecoverySite,
  onDoing: UnpackListener,
  signal: AbortSignal,
): Promise<Unpacked> {
  const droppedLinks = await unpackBackup(backup, pathsIn(site), site, onDoing, signal);
  const { key } = backup.content.backup;
  const stopped = backup.isStopped ? { stopped: backup.parts ? ('tar' as const) : ('directory' as const) } : {};
  const { warnings, isVerified } = await prepareUnpacked({ key, ...stopped }, site, onDoing, signal);
  return { warnings: [...droppedLinks, ...warnings], isVerified };
}
