import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { DrillError } from '../../support/errors.ts';

/** The unprivileged user that the servers and tools in the sandbox run as. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** True if started as root: the user differs from ours, and processes must switch to it. */
  readonly switched: boolean;
}

/**
 * Our own user, or `nobody` when started as root; never the `postgres` or `mysql` user, which owns the host's real databases.
 * initdb refuses a uid without a passwd entry, so a host without `nobody` is refused.
 */
export function chooseServerUser(passwdFile = '/etc/passwd'): ServerUser {
  const [uid, gid] = [process.getuid?.() ?? -1, process.getgid?.() ?? -1];
  if (uid !== 0) return { name: nameOf(uid), uid, gid, switched: false };
  const entry = readFileSync(passwdFile, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody');
  if (!entry) {
    throw new DrillError(
      'sandbox-refused',
      `no user 'nobody' in ${passwdFile}, and a database server must not run as root`,
      {
        hint: 'Start Firedrill as an ordinary user, or add a user named nobody.',
      },
    );
  }
  // -2 on macOS
  return { name: 'nobody', uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0, switched: true };
}

/** A uid without a name, which some clusters assign to pods, is fine: the sandbox has its own passwd. */
function nameOf(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return `user${uid}`;
  }
}
