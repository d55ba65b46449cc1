import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A real sshd on loopback that lets this user in with a key. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** Files of the client: its private key, and the host's public key in `known_hosts` format. */
  readonly clientKey: string;
  readonly knownHosts: string;
}

/** @param home where its keys and its configuration are written. @param lines added to its configuration. */
export async function startSshd(home: string, lines: readonly string[] = []): Promise<Sshd> {
  const file = (name: string) => join(home, name);
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  await writeFile(file('authorized'), await readFile(file('client.pub')), { mode: 0o600 });
  const port = await freePort();
  await writeFile(file('known_hosts'), `[127.0.0.1]:${port} ${await readFile(file('host.pub'), 'utf8')}`);
  const config = [
    ...[
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${file('host')}`,
      `AuthorizedKeysFile ${file('authorized')}`,
    ],
    ...['PidFile none', 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'PermitRootLogin yes'],
    ...lines,
  ];
  await writeFile(file('sshd_config'), `${config.join('\n')}\n`);
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file('sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await saysLine(server, /Server listening/);
  return {
    ...{ port, clientKey: file('client'), knownHosts: file('known_hosts') },
    [Symbol.asyncDispose]: () => endServer(server),
  };
}

/** Resolves once a server has printed a line that matches on its standard error. */
export async function saysLine(server: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  if (!server.stderr) throw new Error('the server has no output');
  let said = '';
  const lines = createInterface({ input: server.stderr });
  for await (const line of lines) {
    const match = pattern.exec(line);
    if (match) {
      server.stderr.resume(); // reading stopped with the loop, and a full pipe would block the server
      return match;
    }
    said += `${line}\n`;
  }
  throw new Error(`the server did not start: ${said}`);
}

export async function endServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}
