import type { BackupFormat } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { mydumperBackup } from './mydumper-backup.ts';

/** Accepts any directory, so that one without its metadata is reported as such. */
export function mydumperFormat(flavor: Flavor): BackupFormat {
  return {
    recognise: (content) =>
      content.kind === 'directory' ? (signal) => mydumperBackup(content, flavor, signal) : undefined,
  };
}
