import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeRequest, never, run, useBoxes } from './docker-sandboxes.ts';

/** Sends $3 to host $1 and port $2, closes its side, and prints the answer or why there is none. Uses only core Perl. */
const ASK = `use IO::Socket::INET; $SIG{ALRM} = sub { print "silence\n"; exit }; alarm 5;
my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1]) or do { print "no connection\n"; exit };
syswrite $s, $ARGV[2]; shutdown $s, 1; local $/; my $answer = <$s>; print length $answer > 50 ? length $answer : $answer, "\n";`;

/** This machine, under a name that is not the sandbox's own. */
const HOST = hostname();

describe.skipIf(!inject('dockerAnswers'))('a Docker sandbox that may reach one port', () => {
  const { runtime, start } = useBoxes();
  let allowed: Server;
  let other: Server;

  /** A server that answers with what it received, repeated many times. */
  async function listen(times: number): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const pieces: Buffer[] = [];
      socket
        .on('data', (piece) => pieces.push(piece))
        .on('end', () => socket.end(`${Buffer.concat(pieces)}`.repeat(times)));
      socket.on('error', () => undefined);
    });
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    return server;
  }
  const portOf = (server: Server) => {
    const address = server.address();
    return address && typeof address === 'object' ? address.port : 0;
  };
  const access = () => ({ allow: [{ host: HOST, port: portOf(allowed) }], reason: 'the restore asks for its key' });
  const askFrom = async (box: Awaited<ReturnType<typeof start>>, host: string, port: number, text = 'key?') =>
    (await box.exec(['perl', '-e', ASK, host, String(port), text], { signal: never })).stdout.trim();

  beforeAll(async () => {
    [allowed, other] = await Promise.all([listen(1), listen(1)]);
  });
  afterAll(async () => {
    allowed.close();
    other.close();
    await Promise.all([once(allowed, 'close'), once(other, 'close')]);
  });

  it('reaches it by name, and states so in its isolation', async () => {
    const vault = { allow: [{ host: 'vault.example.test', port: 1 }], reason: 'x' };
    await expect(runtime.start(makeRequest({ network: vault }), never)).rejects.toMatchObject({
      code: 'sandbox-refused',
      message: expect.stringMatching(/^vault\.example\.test:1 cannot be reached from this machine: /),
    });
    const box = await start({ network: access() });
    const port = portOf(allowed);
    expect(await askFrom(box, HOST, port)).toBe('key?');
    expect(box.isolation).toMatchObject({
      network: 'limited',
      sentence: expect.stringContaining(`only ${HOST}:${port} (the restore asks for its key)`),
    });
    const several = await Promise.all(Array.from({ length: 8 }, () => askFrom(box, HOST, port, 'x'.repeat(60_000))));
    expect(new Set(several)).toEqual(new Set(['60000']));
    const outer = Object.values(networkInterfaces())
      .flat()
      .flatMap((one) => (one?.family === 'IPv4' ? one.address : []));
    const closed: readonly (readonly [string, number])[] = [
      ...[...outer, HOST, 'localhost', '192.0.2.1'].map((address) => [address, portOf(other)] as const),
      ...outer.filter((address) => !address.startsWith('127.')).map((address) => [address, port] as const),
      ['localhost', port],
      ['169.254.169.254', 80],
    ];
    for (const [address, at] of closed)
      expect(`${address}:${at} ${await askFrom(box, address, at)}`).toBe(`${address}:${at} no connection`);
    const { stdout } = await run(box, 'ls /sys/class/net; cat /proc/sys/net/ipv4/ip_unprivileged_port_start');
    expect(stdout.split(/\s+/)).toEqual(['lo', '0', '']);
  });
});
