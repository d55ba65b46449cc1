import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import type { ProvisionOptions, Recovery, Restoration } from '../../../format.ts';
import type { PhysicalBackup } from '../../recovery/physical-backup.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import { findPgbackrest } from './find-pgbackrest.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { segmentIn } from './repository-log.ts';
import { restoreRepository } from './restore-repository.ts';

/** Checks the sandbox's pgBackRest and server; everything else is done when the restoration runs. */
export async function provisionPgbackrest(
  opened: OpenedRepository,
  sandbox: Sandbox,
  options: ProvisionOptions,
): Promise<Restoration> {
  const { content, entry, info, backup, major } = opened;
  const toolVersion = await findPgbackrest(sandbox, major, options.signal);
  const { segment, lsn } = backup.start;
  const physical: PhysicalBackup = {
    key: content.backup.key,
    major,
    label: { startLsn: lsn, startSegment: segment, timeline: Number.parseInt(segment.slice(0, 8), 16) },
    meter: content.meter,
    flaws: backup.hasBadPages
      ? [
          `pgBackRest found pages with wrong checksums when it took ${entry.label}: \`pgbackrest info --set=${entry.label}\` lists their files`,
        ]
      : [],
    unpack: async (site, onDoing, signal, access) => {
      const asked = { ...opened, ...access, toolVersion };
      const { warnings, isVerified } = await restoreRepository(asked, site, onDoing, signal);
      return { warnings: [...info.warnings, ...warnings], isVerified };
    },
  };
  const restoration = await provisionPhysical(physical, sandbox, options);
  return {
    run: (run) => restoration.run({ ...run, recovery: withLog(run.recovery, opened) }),
  };
}

/**
 * The drill's own log if it names one. For a recovery to the end of the backup: only the part that makes the backup consistent, or none if the backup contains
 * that part and the archive has expired.
 */
export function withLog(
  recovery: Recovery | undefined,
  { log, backup }: Pick<OpenedRepository, 'log' | 'backup'>,
): Recovery {
  const { target, log: named } = recovery ?? { target: { kind: 'backup-end' }, log: undefined };
  if (named) return { target, log: named };
  const { start, stopSegment, holdsLog } = backup;
  if (target.kind !== 'backup-end' || stopSegment === undefined) return { target, log };
  const segments = new Set(log.files.map(({ key }) => segmentIn(key)));
  if (holdsLog && !(segments.has(start.segment) && segments.has(stopSegment))) return { target, log: undefined };
  return { target, log: { ...log, files: log.files.filter(({ key }) => segmentIn(key) <= stopSegment) } };
}
