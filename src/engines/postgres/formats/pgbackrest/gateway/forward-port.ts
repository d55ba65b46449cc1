import { Writable } from 'node:stream';
import type { Sandbox } from '../../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../../support/errors.ts';

/** A TCP port of a sandbox’s loopback that is forwarded to a Unix socket. */
export interface ForwardedPort extends AsyncDisposable {
  readonly port: number;
}

/** pgBackRest connects to TCP only. One process per connection copies in both directions until both ends are done. */
const FORWARD = `
use strict; use IO::Socket::INET; use IO::Socket::UNIX; use IO::Select;
my $path = shift; $SIG{CHLD} = $SIG{PIPE} = 'IGNORE'; $| = 1;
my $door = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64) or die "listen: $!\\n";
print $door->sockport, "\\n";
while (my $in = $door->accept) {
  my $child = fork;
  next if $child or not defined $child;
  close $door;
  my $out = IO::Socket::UNIX->new(Peer => $path) or exit 1;
  my %other = (fileno $in, $out, fileno $out, $in);
  my $open = IO::Select->new($in, $out);
  while ($open->count) {
    for my $from ($open->can_read) {
      my $to = $other{fileno $from};
      my $read = sysread $from, my $bytes, 262144;
      if (!$read) { shutdown $to, 1; $open->remove($from); next }
      for (my $done = 0; $done < $read;) { $done += syswrite($to, $bytes, $read - $done, $done) // exit 1 }
    }
  }
  exit 0;
}`;

/**
 * Starts a forwarder in the sandbox, which ends when it is disposed of.
 * @param socket path of a Unix socket inside the sandbox.
 * @throws DrillError `tool-missing` without perl, `sandbox-refused` if it cannot listen.
 */
export async function forwardPort(sandbox: Sandbox, socket: string, signal: AbortSignal): Promise<ForwardedPort> {
  const stop = new AbortController();
  const { promise: listening, resolve } = Promise.withResolvers<number>();
  let said = '';
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said = `${said}${chunk.toString('latin1')}`.slice(0, 16);
      const port = /^(\d{1,5})\n/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
      done();
    },
  });
  const running = sandbox.exec(['sh', '-c', 'exec perl -e "$1" "$2"', 'forward', FORWARD, socket], {
    stdout,
    signal: AbortSignal.any([signal, stop.signal]),
  });
  const ended = running.then(
    ({ exitCode, stderr }) => {
      throw cannotForward(sandbox, exitCode, stderr);
    },
    (error: unknown) => {
      throw error;
    },
  );
  ended.catch(() => undefined); // raised while waiting for it; afterwards pgBackRest cannot connect
  const port = await Promise.race([listening, ended]);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('nothing more is forwarded'));
      await running.catch(() => undefined);
    },
  };
}

function cannotForward({ provenance: { name } }: Sandbox, exitCode: number, stderr: string): DrillError {
  if (exitCode === 127) {
    return new DrillError('tool-missing', `perl, through which pgBackRest reaches the gateway, is not in ${name}`, {
      hint: 'Install perl in the image, or set `restore.repository: staged`.',
    });
  }
  return new DrillError(
    'sandbox-refused',
    `pgBackRest cannot reach the gateway in ${name}: the forwarder ended with exit code ${exitCode}`,
    {
      hint: 'Set `restore.repository: staged`.',
      details: stderr.split('\n').filter(Boolean).slice(-3),
    },
  );
}
