import { Duplex } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import type { Connection } from '../sandbox.ts';
import { demux } from './demux.ts';
import { type ExecTarget, startTunnelExec } from './exec.ts';

/** Copies stdin to the socket $1, and the socket to stdout, without buffering, until the socket's other end closes. */
const PERL = `use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "connect: $!\\n";
sub copy { my ($i, $o) = @_; while (my $n = sysread $i, my $b, 65536) { for (my $d = 0; $d < $n;) { my $w = syswrite $o, $b, $n - $d, $d; return unless $w; $d += $w } } }
my $p = fork // die "fork: $!\\n"; unless ($p) { copy(*STDIN, $s); shutdown $s, 1; exit } copy($s, *STDOUT); kill 9, $p; waitpid $p, 0;`;
const PYTHON = `import os, socket, sys, threading
s = socket.socket(socket.AF_UNIX)
try: s.connect(sys.argv[1])
except OSError as e: sys.exit("connect: %s" % e.strerror)
def up():
    while b := os.read(0, 65536): s.sendall(b)
    s.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while b := s.recv(65536):
    while b: b = b[os.write(1, b):]`;

/** The command line for each tool. */
const ARGV: Readonly<Record<string, (path: string) => readonly string[]>> = {
  socat: (path) => ['socat', '-t', '86400', '-', `UNIX-CONNECT:${path}`],
  perl: (path) => ['perl', '-e', PERL, path],
  python3: (path) => ['python3', '-c', PYTHON, path],
  nc: (path) => ['nc', '-U', path],
};

/**
 * Connects to a Unix socket in a sandbox on a remote engine: each connection runs a command in the sandbox that relays the bytes.
 * @throws DrillError `sandbox-refused` when the sandbox has no suitable tool.
 */
export function tunnelTo(socketPath: string, tool: string | undefined, user: string, target: ExecTarget): Connection {
  const argv = tool === undefined ? undefined : ARGV[tool]?.(socketPath);
  if (!argv) {
    throw new DrillError(
      'sandbox-refused',
      'the engine is remote, and the image has none of socat, perl, python3 and nc, through which the server in the sandbox is reached',
      {
        hint: 'Use an image that has one of them, or an engine on this machine, or `--runtime local`.',
      },
    );
  }
  return { kind: 'stream', open: () => openTunnel(target, argv, user) };
}

/** Relays between its streams and a TCP port on the sandbox’s loopback, until the other end closes. */
const PORT = `
if command -v bash > /dev/null; then exec bash -c 'exec 4<&0; exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1; cat <&4 >&3 & cat <&3; kill $!' bash "$1"; fi
if command -v socat > /dev/null; then exec socat -t 86400 - "TCP:127.0.0.1:$1"; fi
if command -v nc > /dev/null; then exec nc 127.0.0.1 "$1"; fi
echo 'connect: the image has neither bash, socat nor nc' >&2; exit 127`;

/** @returns a stream, which fails with ECONNREFUSED if nothing is listening. */
export function tunnelToPort(port: number, user: string, target: ExecTarget): Promise<Duplex> {
  return openTunnel(target, ['sh', '-c', PORT, 'sh', String(port)], user);
}

async function openTunnel(target: ExecTarget, argv: readonly string[], user: string): Promise<Duplex> {
  const relay = await startTunnelExec(target, argv, user);
  return new TunnelSocket(relay);
}

/** Implements enough of a connected socket for `pg` and `mysql2`, which set options on theirs. */
class TunnelSocket extends Duplex {
  private readonly relay: Duplex;
  private resumeReading: (() => void) | undefined;
  private stderr = '';

  constructor(relay: Duplex) {
    super({ allowHalfOpen: true });
    this.relay = relay;
    demux(
      relay,
      (piece) => this.give(piece),
      (piece) => {
        this.stderr = (this.stderr + piece.toString()).slice(-500);
        return undefined;
      },
    ).then(
      (error) => this.finish(error),
      (error: unknown) => this.destroy(error as Error),
    );
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    this.resumeReading?.();
    this.resumeReading = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.relay.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.relay.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.resumeReading?.();
    this.relay.destroy();
    done(error);
  }

  private give(piece: Buffer): Promise<void> | undefined {
    if (this.destroyed || this.push(piece)) return undefined;
    return new Promise((resolve) => {
      this.resumeReading = resolve;
    });
  }

  private finish(error: Error | undefined): void {
    const failed =
      /connect: (.*)/.exec(this.stderr)?.[1] ?? (/refused|no such file/i.test(this.stderr) ? this.stderr : undefined);
    if (failed !== undefined)
      this.destroy(Object.assign(new Error(`connect ECONNREFUSED: ${failed}`), { code: 'ECONNREFUSED' }));
    else if (error) this.destroy(error);
    else this.push(null);
  }
}
