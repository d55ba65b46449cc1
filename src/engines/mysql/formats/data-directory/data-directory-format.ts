import type { BackupContent, TransferMeter } from '../../../../backup/content.ts';
import { describeLayers } from '../../../../backup/layer.ts';
import { DrillError } from '../../../../support/errors.ts';
import { seriesOf } from '../../../../support/versions.ts';
import type { BackupFormat, OpenBackup } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { loadTraitsOf } from '../../loading/load-traits.ts';
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
  const meter = meterFromHere(content);
  requireProduct(content.backup.key, info, flavor);
  const { serverVersion } = info;
  const shape = content.kind === 'object' ? `tar${describeLayers(content.layers)}` : 'directory';
  return {
    facts: {
      engine: flavor.type,
      format: `copy of a data directory (${shape})`,
      serverVersion: serverVersion ?? 'unknown',
      dumpedBy: 'a copy of the files',
      roles: [],
      database: undefined,
      tableCount: undefined,
    },
    needs:
      serverVersion === undefined
        ? { major: loadTraitsOf(flavor).newestMajor, extensions: [] }
        : { major: seriesOf(serverVersion, 2), match: 'exact', extensions: [] },
    replaysLog: true,
    provision: (sandbox, options) => provisionPhysical(flavor, copyOf(content, info, meter), sandbox, options),
  };
}

/** What was read of a tar to open it is read once more: progress counts from here. */
function meterFromHere({ kind, meter }: BackupContent): TransferMeter {
  const before = kind === 'object' ? meter.bytesRead : 0;
  return {
    get bytesRead() {
      return Math.max(0, meter.bytesRead - before);
    },
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
