import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { endServer, saysLine, startSshd } from './sshd.ts';

/** Whether this machine has what these tests need; in CI they run, and fail, without it. */
export const hasRclone =
  process.env['CI'] === 'true' || ['/usr/bin/rclone', '/usr/sbin/sshd'].every((file) => existsSync(file));

/** A server on loopback, with the lines of rclone's configuration that define it. */
export interface RemoteServer extends AsyncDisposable {
  readonly config: string;
}

/** A real sshd that serves files of this user over SFTP, and nothing else. @param home where its keys and its configuration are written. */
export async function startSftp(home: string): Promise<RemoteServer> {
  const sshd = await startSshd(home, ['Subsystem sftp internal-sftp', 'ForceCommand internal-sftp']);
  return {
    config: `type = sftp\nhost = 127.0.0.1\nport = ${sshd.port}\nuser = ${userInfo().username}\nkey_file = ${sshd.clientKey}\ndisable_hashcheck = true\nshell_type = none\n`,
    [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
  };
}

/** WebDAV by rclone's own server, which requires a password. */
export async function startWebdav(root: string, password: string): Promise<RemoteServer> {
  const argv = ['serve', 'webdav', root, '--addr', '127.0.0.1:0', '--dir-cache-time', '1ms', '--log-level', 'NOTICE'];
  const server = spawn('rclone', argv, {
    env: { ...process.env, RCLONE_USER: 'drills', RCLONE_PASS: password },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [, url] = await saysLine(server, /started on \[?(http:\/\/127\.0\.0\.1:\d+\/)/);
  const obscured = execFileSync('rclone', ['obscure', '-'], { input: password, encoding: 'utf8' }).trim();
  return {
    config: `type = webdav\nurl = ${url}\nvendor = other\nuser = drills\npass = ${obscured}\n`,
    [Symbol.asyncDispose]: () => endServer(server),
  };
}

/** Resolves when no call of rclone by this process is left, apart from servers. */
export async function noRcloneLeft(): Promise<void> {
  while ((await rcloneCalls()).length > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** Arguments of the calls of rclone by this process that are in progress. */
async function rcloneCalls(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const calls = pids.map(async (pid) => {
    const [stat, argv] = await Promise.all(
      ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    const isOurs = stat?.slice(stat.lastIndexOf(')')).split(' ')[2] === String(process.pid);
    return isOurs && argv?.startsWith('rclone\0') && !argv.includes('\0serve\0') ? [argv.replaceAll('\0', ' ')] : [];
  });
  return (await Promise.all(calls)).flat();
}
