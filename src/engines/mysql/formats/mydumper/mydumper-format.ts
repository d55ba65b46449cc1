import type { BackupFormat } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';
import { mydumperBackup } from './mydumper-backup.ts';

/** Any directory is looked at, so that one which lacks its metadata is told as that. */
export function mydumperFormat(flavor: Flavor): BackupFormat {
  return {
    recognise: (content) =>
      content.kind === 'directory' ? (signal) => mydumperBackup(content, flavor, signal) : undefined,
  };
}
