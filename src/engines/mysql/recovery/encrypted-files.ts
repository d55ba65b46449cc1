import { DrillError } from '../../../support/errors.ts';

/**
 * A backup whose files MariaDB itself encrypted (data-at-rest encryption): nothing is known to be wrong with it.
 * @param why what shows it, to follow a colon.
 */
export function encryptedFiles(key: string, why: string): DrillError {
  return new DrillError('image-incomplete', `${key} is encrypted by the server itself: ${why}`, {
    hint: 'A drill cannot be given the keys of a MariaDB key plug-in: drill a dump by mariadb-dump beside it.',
  });
}
