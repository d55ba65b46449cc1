import { DrillError } from '../../support/errors.ts';
import { type NetworkAccess, type NetworkTarget, nameTarget } from '../../support/network-access.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import type { ExecOptions, ExecResult } from '../sandbox.ts';

/** Listens on address $1 and port $2, and copies between each connection and the Unix socket $3. Prints to stderr once it is listening. */
const PERL = `use strict; use IO::Socket::INET; use IO::Socket::UNIX; my ($ip, $port, $path) = @ARGV; $SIG{CHLD} = 'IGNORE';
my $l = IO::Socket::INET->new(LocalAddr => $ip, LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "cannot listen: $@\n";
sub copy { my ($i, $o) = @_; while (my $n = sysread $i, my $b, 65536) { for (my $d = 0; $d < $n;) { my $w = syswrite $o, $b, $n - $d, $d; return unless $w; $d += $w } } shutdown $o, 1 }
syswrite STDERR, "listening\n";
while (1) { my $c = $l->accept or next; my $p = fork; if ($p or not defined $p) { close $c; next } close $l; $SIG{PIPE} = 'IGNORE'; $SIG{CHLD} = 'DEFAULT';
my $u = IO::Socket::UNIX->new(Peer => $path) or exit 1; my $k = fork; unless ($k) { copy($c, $u); exit } copy($u, $c); waitpid $k, 0; exit }`;
const PYTHON = `import asyncio, sys
ip, port, path = sys.argv[1:]
async def copy(r, w):
    try:
        while b := await r.read(65536):
            w.write(b)
            await w.drain()
        w.write_eof()
    except OSError: w.close()
async def serve(r, w):
    try: ur, uw = await asyncio.open_unix_connection(path)
    except OSError: return w.close()
    await asyncio.gather(copy(r, uw), copy(ur, w))
    uw.close()
    w.close()
async def main():
    s = await asyncio.start_server(serve, ip, int(port))
    print("listening", file=sys.stderr, flush=True)
    await s.serve_forever()
asyncio.run(main())`;

const TOOLS: Readonly<Record<string, readonly string[]>> = {
  perl: ['perl', '-e', PERL],
  python3: ['python3', '-c', PYTHON],
};

/** Where programs in the sandbox reach a target: one loopback address per host. */
export function loopbackHosts({ allow }: NetworkAccess): ReadonlyMap<string, string> {
  const hosts = [...new Set(allow.map(({ host }) => host))];
  return new Map(hosts.map((host, index) => [host, `127.0.53.${index + 1}`]));
}

/** The command that relays one target. @throws DrillError `sandbox-refused` if the image has no suitable program. */
function relayArgv(
  tools: readonly string[],
  { address, port, socket }: { readonly address: string; readonly port: number; readonly socket: string },
): readonly string[] {
  const tool = Object.keys(TOOLS).find((name) => tools.includes(name));
  const argv = tool === undefined ? undefined : TOOLS[tool];
  if (argv) return [...argv, address, String(port), socket];
  throw new DrillError(
    'sandbox-refused',
    'the image has neither perl nor python3, which relay what `engine.network` allows',
    {
      hint: 'Use an image that has one of them, or `engine.network: none`.',
    },
  );
}

interface Relaying {
  readonly tools: readonly string[];
  /** Paths of the targets' sockets in the sandbox. */
  readonly sockets: readonly string[];
  readonly exec: (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;
  readonly signal: AbortSignal;
  /** Ends the relays. */
  readonly ended: AbortSignal;
}

/** Lets programs reach the targets by their own names and ports. @throws DrillError `sandbox-refused`, or the signal's reason. */
export async function relayPorts(
  access: NetworkAccess,
  { tools, sockets, exec, signal, ended }: Relaying,
): Promise<void> {
  const addresses = loopbackHosts(access);
  const start = async (target: NetworkTarget, socket: string): Promise<void> => {
    const argv = relayArgv(tools, { address: addresses.get(target.host) ?? '', port: target.port, socket });
    const listening = Promise.withResolvers<void>();
    let said = '';
    const running = exec(argv, {
      signal: ended,
      onStderrLine: (line) => {
        if (line === 'listening') listening.resolve();
        else said = line;
      },
    });
    const refuse = (): never => {
      throw new DrillError(
        'sandbox-refused',
        `${nameTarget(target)} cannot be relayed into the sandbox: ${said || 'the relay ended'}`,
      );
    };
    running.catch(() => undefined); // it ends with the sandbox
    await untilAborted(Promise.race([listening.promise, running.then(refuse)]), signal);
  };
  await Promise.all(access.allow.map((target, index) => start(target, sockets[index] ?? '')));
}
