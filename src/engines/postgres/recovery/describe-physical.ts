import type { OpenBackup } from '../../format.ts';
import { describeLog } from './not-reached.ts';

interface Known {
  /** The tool, and how the backup is packed. */
  readonly format: string;
  readonly serverVersion: string;
  readonly dumpedBy: string;
  readonly major: string;
}

/** The facts about any opened copy of a server's files: its roles and databases are only known once a server of its major version runs on it. Pure. */
export function describePhysical({
  format,
  serverVersion,
  dumpedBy,
  major,
}: Known): Pick<OpenBackup, 'facts' | 'needs' | 'replaysLog' | 'describeLog'> {
  return {
    facts: {
      engine: 'postgres',
      format,
      serverVersion,
      dumpedBy,
      roles: [],
      database: undefined,
      tableCount: undefined,
    },
    needs: { major, match: 'exact', extensions: [] },
    replaysLog: true,
    describeLog,
  };
}
