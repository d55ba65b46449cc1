import { DrillError } from '../../support/errors.ts';
import { BOX_ROOT } from './box-container.ts';
import { type ExecTarget, execInBox } from './exec.ts';

/** Who the server runs as, and what can carry bytes to a Unix socket. */
export interface BoxFacts {
  /** `uid:gid` of the unprivileged user. */
  readonly user: string;
  /** The first of {@link TUNNEL_TOOLS} that the box has. */
  readonly tunnelTool: string | undefined;
  readonly shell: string;
}

/** In order of preference. */
const TUNNEL_TOOLS = ['socat', 'perl', 'python3', 'nc'] as const;

/** The image's own user for each server, which the engine looks up in the box's /etc/passwd. */
const SERVER_USERS: Readonly<Record<string, string>> = { postgres: 'postgres', mysql: 'mysql', mariadb: 'mysql' };

/**
 * $1: root of what can be written. Prints uid, gid, tools and shells found, a word each: one command, since each costs a round trip and 50 ms.
 * `0 0` says that this user will not do: root, or the owner of the directory that is shared with the host, who could open it again.
 * The root is made writable by the box's first process, which has had its turn long before this one; the loop is for the day it has not.
 */
const PREPARE = `
set -eu
[ "$(id -u)" != 0 ] || { echo '0 0'; exit; }
[ ! -O "$1/run" ] || { echo '0 0'; exit; }
tries=0
until [ -w "$1" ]; do
  tries=$((tries + 1))
  [ $tries -lt 500 ] || { echo "$1 is not writable" >&2; exit 1; }
  sleep 0.02
done
mkdir "$1/data" "$1/scratch"
chmod 0700 "$1/data" "$1/scratch"
[ -d "$1/run" ] || mkdir -m 0700 "$1/run"
tools=
for tool in ${TUNNEL_TOOLS.join(' ')} bash; do
  command -v "$tool" > /dev/null || continue
  [ "$tool" != nc ] || nc -h 2>&1 | grep -q -e -U || continue
  tools="$tools $tool"
done
echo "$(id -u) $(id -g)$tools"`;

const NO_USER = 'the image has no user for the server that is neither root nor the one that Firedrill runs as';

/** Finds the server's user and makes its directories. nobody stands in where the image has no such user, since initdb wants one with a name. */
export async function prepareBox(target: ExecTarget, serverEngine: string, signal: AbortSignal): Promise<BoxFacts> {
  let why = '';
  for (const user of [SERVER_USERS[serverEngine] ?? serverEngine, 'nobody', '65534:65534']) {
    const { stdout, stderr, exitCode } = await prepareAs(target, user, signal);
    const [uid, gid, ...tools] = stdout.trim().split(/\s+/);
    if (exitCode === 0 && uid && gid && uid !== '0' && /^\d+$/.test(uid + gid)) {
      const tunnelTool = TUNNEL_TOOLS.find((tool) => tools.includes(tool));
      return { user: `${uid}:${gid}`, tunnelTool, shell: tools.includes('bash') ? 'bash' : 'sh' };
    }
    why = uid === '0' ? NO_USER : stderr.trim() || stdout.trim() || `exit code ${exitCode}`;
    if (uid !== '0' && !isUnknownUser(why)) break;
  }
  throw new DrillError('sandbox-refused', `the directories of the sandbox could not be made: ${why}`, {
    hint: 'The image has to have a POSIX shell and the usual small tools (mkdir, chmod, id, tar).',
  });
}

async function prepareAs(target: ExecTarget, user: string, signal: AbortSignal) {
  try {
    return await execInBox(target, ['sh', '-c', PREPARE, 'sh', BOX_ROOT], { user, signal });
  } catch (error) {
    if (!(error instanceof DrillError) || !isUnknownUser(error.message)) throw error;
    return { exitCode: 126, stdout: '', stderr: error.message };
  }
}

/** What engines say, of any age, in the answer or in the output. */
function isUnknownUser(text: string): boolean {
  return /unable to find user|no matching entries in passwd/i.test(text);
}
