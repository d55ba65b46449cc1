import { seriesOf } from '../../../support/versions.ts';
import type { OpenBackup } from '../../format.ts';
import type { Flavor } from '../flavor.ts';
import { loadTraitsOf } from '../loading/load-traits.ts';
import { checkStart } from '../log/check-start.ts';
import { coordinatesOf } from '../log/start-coordinates.ts';
import type { LogStart } from './log-start.ts';

interface Known {
  /** The tool, and how the backup is packed. */
  readonly format: string;
  /** undefined: unknown until the files are unpacked. */
  readonly serverVersion: string | undefined;
  readonly dumpedBy: string;
  /** Position in the server's log that the backup states; undefined: only its files reveal it. */
  readonly logStart?: LogStart | undefined;
}

/** Facts that every opened copy of a server's files states; its accounts and databases are known once a server of its series runs on it. Pure. */
export function describePhysical(
  flavor: Flavor,
  { format, serverVersion, dumpedBy, logStart }: Known,
): Pick<OpenBackup, 'facts' | 'needs' | 'replaysLog' | 'checkLog'> {
  return {
    facts: {
      engine: flavor.type,
      format,
      serverVersion: serverVersion ?? 'unknown',
      dumpedBy,
      roles: [],
      database: undefined,
      tableCount: undefined,
    },
    needs:
      serverVersion === undefined
        ? { major: loadTraitsOf(flavor).newestMajor, extensions: [] }
        : { major: seriesOf(serverVersion, 2), match: 'exact', extensions: [] },
    replaysLog: true,
    checkLog: (log, target, signal) =>
      checkStart(
        log,
        { product: flavor.type, coordinates: coordinatesOf(logStart, 'the backup’s position in the log') },
        target,
        signal,
      ),
  };
}
