import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { sshEnvironment } from './client-environment.ts';
import type { EngineAddress } from './engine-address.ts';

/** The worst case for a TCP connection to an engine. */
const CONNECT_TIMEOUT_SECONDS = 15;
const MAX_STDERR = 2000;

/**
 * Connects through the `ssh` program, which knows this user's hosts, keys, agent and jump hosts, and through the `docker` client on the other machine, like
 * the local client does. An unused connection is kept for the next request, and does not keep the process alive.
 */
export class SshAgent extends Agent {
  private readonly argv: readonly string[];

  constructor({ user, host, port }: Extract<EngineAddress, { kind: 'ssh' }>) {
    super({ keepAlive: true });
    this.argv = [
      ...['-T', '-o', 'BatchMode=yes', '-o', `ConnectTimeout=${CONNECT_TIMEOUT_SECONDS}`],
      ...(user === undefined ? [] : ['-l', user]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...['--', host.replace(/^\[(.*)\]$/, '$1'), 'docker', 'system', 'dial-stdio'],
    ];
  }

  override createConnection(): Duplex {
    const env = sshEnvironment(process.env);
    return new SshConnection(spawn('ssh', this.argv, { stdio: ['pipe', 'pipe', 'pipe'], env }));
  }
}

/** The two pipes of an `ssh` process, as a socket. It ends with the program, and fails with the program's message. */
class SshConnection extends Duplex {
  private readonly ssh: ChildProcessByStdio<Writable, Readable, Readable>;
  private stderr = '';

  constructor(ssh: ChildProcessByStdio<Writable, Readable, Readable>) {
    super({ allowHalfOpen: true });
    this.ssh = ssh;
    ssh.stdout.on('data', (piece: Buffer) => {
      if (!this.push(piece)) ssh.stdout.pause();
    });
    ssh.stderr.on('data', (piece: Buffer) => {
      this.stderr = (this.stderr + piece.toString()).slice(-MAX_STDERR);
    });
    ssh.stdin.on('error', () => undefined); // its end says why
    ssh.once('error', (error) => this.destroy(error));
    ssh.once('close', (exitCode) => {
      if (exitCode === 0) this.push(null);
      else this.destroy(this.explain(exitCode));
    });
  }

  override _read(): void {
    this.ssh.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.ssh.stdin.write(chunk)) done();
    else this.ssh.stdin.once('drain', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.ssh.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.ssh.kill();
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    for (const part of this.parts()) part.ref?.();
    return this;
  }

  unref(): this {
    for (const part of this.parts()) part.unref?.();
    return this;
  }

  /** Pipes of a child process are sockets, although their types omit it. */
  private parts(): readonly { ref?(): void; unref?(): void }[] {
    const { ssh } = this;
    return [ssh, ssh.stdin, ssh.stdout, ssh.stderr] as readonly { ref?(): void; unref?(): void }[];
  }

  private explain(exitCode: number | null): Error {
    const said = this.stderr.trim().split('\n').at(-1) || `ssh ended with exit code ${exitCode ?? 'unknown'}`;
    return Object.assign(new Error(said), { code: 'ECONNREFUSED' });
  }
}
