import type { BackupContent } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { describePhysical } from '../../recovery/describe-physical.ts';
import { meterFromHere } from '../../recovery/meter-from-here.ts';
import { provisionPhysical } from '../../recovery/restore-physical.ts';
import { isDataDirectory } from './is-data-directory.ts';
import { type DataDirectoryInfo, readDataDirectory } from './read-data-directory.ts';
import { copyOf } from './restore-data-directory.ts';

export function dataDirectoryFormat(flavor: Flavor): BackupFormat {
  return {
    recognise: (content) => (isDataDirectory(content) ? (signal) => openCopy(content, flavor, signal) : undefined),
  };
}

async function openCopy(content: BackupContent, flavor: Flavor, signal: AbortSignal): Promise<OpenBackup> {
  const info = await readDataDirectory(content, signal);
  const meter = content.kind === 'object' ? meterFromHere(content.meter) : content.meter;
  requireProduct(content.backup.key, info, flavor);
  const { serverVersion } = info;
  const shape = content.kind === 'object' ? `tar${describeLayers(content.layers)}` : 'directory';
  return {
    ...describePhysical(flavor, {
      format: `copy of a data directory (${shape})`,
      serverVersion,
      dumpedBy: 'a copy of the files',
    }),
    provision: (sandbox, options) => provisionPhysical(flavor, copyOf(content, info, meter), sandbox, options),
  };
}

function requireProduct(key: string, { product, serverVersion }: DataDirectoryInfo, flavor: Flavor): void {
  if (product === undefined || product === flavor.type) return;
  const title = product === 'mariadb' ? 'MariaDB' : 'MySQL';
  throw new DrillError(
    'engine-mismatch',
    `${key} is a copy of the data directory of ${title}${serverVersion === undefined ? '' : ` ${serverVersion}`}, and the drill restores ${flavor.title}`,
    { hint: `Set \`engine: { type: ${product} }\`: neither server starts on the files of the other.` },
  );
}
