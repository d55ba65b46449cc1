import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Whether this machine has what these tests need; under CI they run, and fail, without it. */
export const hasRclone =
  process.env['CI'] === 'true' || ['/usr/bin/rclone', '/usr/sbin/sshd'].every((file) => existsSync(file));

/** A server on loopback, with the lines of rclone's configuration that name it. */
export interface RemoteServer extends AsyncDisposable {
  readonly config: string;
}

/** A real sshd that serves files of this user by SFTP, and nothing else. @param home where its keys and its configuration are written. */
export async function startSshd(home: string): Promise<RemoteServer> {
  const keyFile = (name: string) => join(home, name);
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile(name)]);
  await writeFile(keyFile('authorized'), await readFile(keyFile('client.pub')), { mode: 0o600 });
  const port = await freePort();
  const config = `Port ${port}
ListenAddress 127.0.0.1
HostKey ${keyFile('host')}
AuthorizedKeysFile ${keyFile('authorized')}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
ForceCommand internal-sftp
`;
  await writeFile(keyFile('sshd_config'), config);
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', keyFile('sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await saysLine(server, /Server listening/);
  return {
    config: `type = sftp\nhost = 127.0.0.1\nport = ${port}\nuser = ${userInfo().username}\nkey_file = ${keyFile('client')}\ndisable_hashcheck = true\nshell_type = none\n`,
    [Symbol.asyncDispose]: () => end(server),
  };
}

/** WebDAV by rclone's own server, which asks for a password. */
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
    [Symbol.asyncDispose]: () => end(server),
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

async function saysLine(server: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  if (!server.stderr) throw new Error('the server has no output');
  let said = '';
  const lines = createInterface({ input: server.stderr });
  for await (const line of lines) {
    const match = pattern.exec(line);
    if (match) {
      server.stderr.resume(); // reading stopped with the loop, and a full pipe would stop the server
      return match;
    }
    said += `${line}\n`;
  }
  throw new Error(`the server did not start: ${said}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exited;
}
