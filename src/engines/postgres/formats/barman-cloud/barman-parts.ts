import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { BackupPart } from '../../recovery/backup-part.ts';
import { findTarParts } from '../../recovery/tar-parts.ts';
import type { BackupInfo } from './backup-info.ts';

const MEMBER = /^((data|[1-9]\d{0,9})(?:_(\d{4,}))?)\.tar(?:\.(?:gz|bz2|zst|lz4|snappy))?$/;

/**
 * The tars of a backup, the data directory's first. What would be larger than the tool's `--max-archive-size` goes on in `data_0001.tar`, `data_0002.tar`, …
 * @throws DrillError `backup-truncated` when one is missing, `backup-corrupt` when there are two of the same.
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
      hint: 'It was not finished, or not all of it is stored any more: look at the job that writes it, and at the bucket’s lifecycle rules.',
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
  // tars of tablespaces that the entry does not name are left alone, as the tool’s own restore does
  return [...parts]
    .filter(([, { into }]) => into === 'data' || (typeof into === 'object' && stems.includes(into.tablespace)))
    .sort(([a, one], [b, other]) => Number(other.into === 'data') - Number(one.into === 'data') || compare(a, b))
    .map(([, part]) => part);
}

/**
 * @returns warnings: the data directory’s last volume holds what a server cannot start without. Without that of a tablespace a server starts; tables whose files are
 * missing then fail the restore, see `findMissingFiles`, but not the end of a large one.
 */
export function warnOfVolumes(
  parts: readonly Pick<BackupPart, 'into'>[],
  { tablespaces }: Pick<BackupInfo, 'tablespaces'>,
): string[] {
  return tablespaces.flatMap(({ oid, location }) => {
    const count = parts.filter(({ into }) => typeof into === 'object' && into.tablespace === oid).length;
    const where = toPrintable(location);
    return count > 1
      ? [
          `the tablespace in ${where} is in ${count} volumes, and backup.info does not say how many there were: the end of a table of more than 1 GB may be missing with the last one`,
        ]
      : [];
  });
}

function volumeName(stem: string, volume: number): string {
  return volume === 0 ? stem : `${stem}_${String(volume).padStart(4, '0')}`;
}

function compare(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
