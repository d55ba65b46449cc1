import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { BackupPart } from '../../recovery/backup-part.ts';
import type { Tablespace } from '../../recovery/physical-backup.ts';
import { findTarParts } from '../../recovery/tar-parts.ts';
import type { BackupInfo } from './backup-info.ts';

const MEMBER = /^((data|[1-9]\d{0,9})(?:_(\d{4,}))?)\.tar(?:\.(?:gz|bz2|zst|lz4|snappy))?$/;

/**
 * The tars of a backup, the data directory's first. Anything beyond the tool's `--max-archive-size` continues in `data_0001.tar`, `data_0002.tar`, …
 * @throws DrillError `backup-truncated` if one is missing, `backup-corrupt` if there are two of the same.
 */
export function findBarmanParts(
  content: DirectoryContent,
  { tablespaces }: Pick<BackupInfo, 'tablespaces'>,
): readonly BackupPart[] {
  const { key } = content.backup;
  const parts = findTarParts(content, (name) => {
    const [, tar, stem = ''] = MEMBER.exec(name) ?? [];
    return tar === undefined ? undefined : { tar, into: stem === 'data' ? 'data' : { tablespace: stem } };
  });
  const lacks = (name: string, what: string): DrillError =>
    new DrillError('backup-truncated', `${key} lacks ${name}, ${what}`, {
      hint: 'It was not finished, or part of it was deleted: check the job that writes it, and the bucket’s lifecycle rules.',
    });
  const stems = ['data', ...tablespaces.map(({ oid }) => oid)];
  for (const [index, stem] of stems.entries()) {
    const location = tablespaces[index - 1]?.location;
    const what = location === undefined ? 'the data directory' : `the tablespace in ${toPrintable(location)}`;
    const volumes = [...parts.keys()].flatMap((tar) => {
      const [, , own, number = '0'] = MEMBER.exec(`${tar}.tar`) ?? [];
      return own === stem ? [Number(number)] : [];
    });
    const missing = Array.from({ length: Math.max(1, volumes.length) }, (_, volume) => volume).find(
      (volume) => !volumes.includes(volume),
    );
    if (missing !== undefined) throw lacks(`${volumeName(stem, missing)}.tar`, `a part of ${what}`);
  }
  // tars of tablespaces that the entry does not name are ignored, as the tool’s own restore does
  return [...parts]
    .filter(([, { into }]) => into === 'data' || (typeof into === 'object' && stems.includes(into.tablespace)))
    .sort(([a, one], [b, other]) => Number(other.into === 'data') - Number(one.into === 'data') || compare(a, b))
    .map(([, part]) => part);
}

/** The largest file of a server, plus tar overhead: a volume is closed after the file with which it exceeds the limit. */
const MAX_OVERSHOOT = 2 ** 30 + 2 ** 21;

/**
 * Tablespaces whose last volume may be missing, since nothing records how many there were; for the data directory, the last volume contains what a server
 * cannot start without. A volume is followed by another once it is larger than `--max-archive-size`, which is the same for all volumes and less than the size
 * of any that was followed. Source: Barman's barman/cloud.py, CloudUploadController._get_tar.
 * @param parts result of {@link findBarmanParts}.
 */
export function findUncertainTablespaces(
  content: Pick<DirectoryContent, 'members'>,
  parts: readonly Pick<BackupPart, 'into' | 'name'>[],
  { tablespaces }: Pick<BackupInfo, 'tablespaces'>,
): readonly Tablespace[] {
  const sizeOf = ({ name }: Pick<BackupPart, 'name'>) => content.members.get(name)?.sizeBytes ?? 0;
  const stems = [...Map.groupBy(parts, ({ into }) => (typeof into === 'object' ? into.tablespace : 'data'))];
  const followed = stems.flatMap(([, volumes]) => volumes.slice(0, -1).map(sizeOf));
  const certain = Math.max(0, ...followed) - MAX_OVERSHOOT;
  const last = new Map(stems.map(([stem, volumes]) => [stem, sizeOf(volumes.at(-1) ?? { name: '' })]));
  return tablespaces.filter(({ oid }) => (last.get(oid) ?? 0) > certain);
}

function volumeName(stem: string, volume: number): string {
  return volume === 0 ? stem : `${stem}_${String(volume).padStart(4, '0')}`;
}

function compare(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
