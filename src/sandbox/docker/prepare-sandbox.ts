import { DrillError } from '../../support/errors.ts';
import { type ExecTarget, execInContainer } from './exec.ts';
import { SANDBOX_ROOT } from './launch-container.ts';

/** The user that the server runs as, and the tool that can relay bytes to a Unix socket. */
export interface PreparedSandbox {
  /** `uid:gid` of the unprivileged user. */
  readonly user: string;
  /** The first of {@link TUNNEL_TOOLS} that the sandbox has. */
  readonly tunnelTool: string | undefined;
  /** All tools and shells found. */
  readonly tools: readonly string[];
  readonly shell: string;
}

/** In order of preference. */
const TUNNEL_TOOLS = ['socat', 'perl', 'python3', 'nc'] as const;

/**
 * $1: root of the writable tree. Prints uid, gid, tools and shells found, one word each. A single command, since each costs a round trip and 50 ms.
 * `0 0` means that this user is unsuitable: it is root, or it owns the directory shared with the host and could reopen it.
 * The sandbox's first process makes the root writable, normally long before this runs; the loop covers the case that it has not yet.
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

const NO_USER = 'the image has no user for the server other than root and the one that Firedrill runs as';

/**
 * Finds the server's user and makes its directories. Falls back to `nobody` when the image has no server user, since initdb needs a named user.
 * @param serverUser the user that official images have for the server; looked up in the sandbox's /etc/passwd.
 */
export async function prepareSandbox(
  target: ExecTarget,
  serverUser: string,
  signal: AbortSignal,
): Promise<PreparedSandbox> {
  let why = '';
  for (const user of [serverUser, 'nobody', '65534:65534']) {
    const { stdout, stderr, exitCode } = await prepareAs(target, user, signal);
    const [uid, gid, ...tools] = stdout.trim().split(/\s+/);
    if (exitCode === 0 && uid && gid && uid !== '0' && /^\d+$/.test(uid + gid)) {
      const tunnelTool = TUNNEL_TOOLS.find((tool) => tools.includes(tool));
      return { user: `${uid}:${gid}`, tunnelTool, tools, shell: tools.includes('bash') ? 'bash' : 'sh' };
    }
    why = uid === '0' ? NO_USER : stderr.trim() || stdout.trim() || `exit code ${exitCode}`;
    if (uid !== '0' && !isUnknownUser(why)) break;
  }
  throw new DrillError('sandbox-refused', `the directories of the sandbox could not be made: ${why}`, {
    hint: 'The image needs a POSIX shell and the usual small tools (mkdir, chmod, id, tar).',
  });
}

async function prepareAs(target: ExecTarget, user: string, signal: AbortSignal) {
  try {
    return await execInContainer(target, ['sh', '-c', PREPARE, 'sh', SANDBOX_ROOT], { user, signal });
  } catch (error) {
    if (!(error instanceof DrillError) || !isUnknownUser(error.message)) throw error;
    return { exitCode: 126, stdout: '', stderr: error.message };
  }
}

/** Matches the message of old and new engines, in the response or in the output. */
function isUnknownUser(text: string): boolean {
  return /unable to find user|no matching entries in passwd/i.test(text);
}
