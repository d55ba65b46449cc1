import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createEngineFinder } from '../../src/sandbox/docker/default-engine.ts';
import { execInContainer } from '../../src/sandbox/docker/exec.ts';
import { prepareSandbox } from '../../src/sandbox/docker/prepare-sandbox.ts';
import { removeSandbox } from '../../src/sandbox/docker/remove-sandbox.ts';
import { startContainer } from '../../src/sandbox/docker/start-container.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { docker, PROJECT } from './docker-harness.ts';
import { makeRequest, never, run, useBoxes } from './docker-sandboxes.ts';

/** Tries protocol $1 (tcp, udp, icmp) to address $2 and port $3; prints `reached` or the reason for failure. Uses only core Perl. */
const PROBE = `use Socket; my ($kind, $host, $port) = @ARGV; $SIG{ALRM} = sub { print "silence\\n"; exit }; alarm 2;
my $ip = inet_aton($host) or do { print "no address\\n"; exit };
my %type = (tcp => [SOCK_STREAM, 6], udp => [SOCK_DGRAM, 17], icmp => [SOCK_DGRAM, 1]); my ($type, $protocol) = @{$type{$kind}};
socket(my $s, PF_INET, $type, $protocol) or do { print "socket: $!\\n"; exit };
my $to = sockaddr_in($port, $ip);
$kind eq 'udp' or connect($s, $to) or do { print "connect: $!\\n"; exit };
if ($kind eq 'tcp') { print "reached\\n"; exit }
my $sent = $kind eq 'udp' ? pack('nnnnnn', 7, 256, 1, 0, 0, 0) . "\\1a\\0" . pack('nn', 1, 1) : pack('CCnnn', 8, 0, 0xf7fd, 1, 1);
defined($kind eq 'udp' ? send($s, $sent, 0, $to) : send($s, $sent, 0)) or do { print "send: $!\\n"; exit }; sysread($s, my $answer, 512) ? print "reached\\n" : print "recv: $!\\n";`;

const execute = promisify(execFile);

/** Runs a command as the container's root, which Firedrill itself never does. */
function asRoot({ id }: Sandbox, argv: readonly string[]): { stdout: string; stderr: string; exitCode: number | null } {
  const { stdout, stderr, status } = spawnSync('docker', ['exec', '-u', '0:0', id, ...argv], { encoding: 'utf8' });
  return { stdout, stderr, exitCode: status };
}

const probe = (kind: 'tcp' | 'udp' | 'icmp', host: string, port: number) => [
  'perl',
  '-e',
  PROBE,
  kind,
  host,
  String(port),
];

describe.skipIf(!inject('dockerAnswers'))('a Docker sandbox', () => {
  const { start } = useBoxes();

  describe('has no network access', () => {
    // Not os.networkInterfaces(), which omits docker0 while no container uses it. Bridges of other tests come and go.
    const addresses = execFileSync('ip', ['-4', '-o', 'address'], { encoding: 'utf8' })
      .split('\n')
      .flatMap((line) => /^\d+: (?!fd-test-)\S+ +inet ([\d.]+)/.exec(line)?.[1] ?? []);
    const outer = addresses.filter((address) => !address.startsWith('127.'));
    const listener = createServer((socket) => socket.destroy());
    const resolver = createSocket('udp4', (message, from) => resolver.send(message, from.port, from.address));
    let port = 0;

    beforeAll(async () => {
      listener.listen(0, '0.0.0.0');
      await once(listener, 'listening');
      const address = listener.address();
      port = address && typeof address === 'object' ? address.port : 0;
      resolver.bind(port, '0.0.0.0');
      await once(resolver, 'listening');
    });
    afterAll(async () => {
      listener.close();
      resolver.close();
      await Promise.all([once(listener, 'close'), once(resolver, 'close')]);
    });

    // Without these two tests, the others would pass even if the probes did not work.
    it('unlike its host, where the same probes succeed', async () => {
      for (const address of addresses) {
        for (const kind of ['tcp', 'udp'] as const) {
          const [command = '', ...args] = probe(kind, address, port);
          expect(`${kind} ${address} ${(await execute(command, args)).stdout}`).toBe(`${kind} ${address} reached\n`);
        }
      }
    });

    it('unlike an ordinary container, where the same probes succeed', async () => {
      const anybodyMayPing = ['--sysctl', 'net.ipv4.ping_group_range=0 2147483647'];
      expect(outer.length).toBeGreaterThan(1); // the bridge's and the machine's own
      for (const address of outer) {
        for (const kind of ['tcp', 'udp', 'icmp'] as const) {
          const args = ['run', '--rm', ...anybodyMayPing, 'firedrill-test/postgres:17', ...probe(kind, address, port)];
          expect(`${kind} ${address} ${(await execute('docker', args)).stdout}`).toBe(`${kind} ${address} reached\n`);
        }
      }
    });

    it('to a service on its own host, by any address', async () => {
      const box = await start();
      for (const address of outer) {
        for (const kind of ['tcp', 'udp', 'icmp'] as const) {
          const result = await box.exec(probe(kind, address, port), { signal: never });
          expect(`${kind} ${address} ${result.stdout}`).toMatch(
            /(connect|send): Network is unreachable|socket: Permission denied/,
          );
        }
      }
      // It has its own loopback, which is not that of the host.
      const loopback = await box.exec(probe('tcp', '127.0.0.1', port), { signal: never });
      expect(loopback.stdout).toBe('connect: Connection refused\n');
    });

    it('by TCP, DNS or ICMP to anywhere', async () => {
      const box = await start();
      for (const [kind, host, at] of [
        ['tcp', '1.1.1.1', 443],
        ['udp', '1.1.1.1', 53],
        ['icmp', '1.1.1.1', 0],
        ['tcp', '169.254.169.254', 80],
      ] as const) {
        const result = await box.exec(probe(kind, host, at), { signal: never });
        expect(`${kind} ${host}: ${result.stdout.trim()}`).toMatch(
          /(connect|send): Network is unreachable|socket: Permission denied/,
        );
      }
      expect((await box.exec(probe('tcp', 'deb.debian.org', 80), { signal: never })).stdout).toBe('no address\n');
      expect((await run(box, 'getent hosts deb.debian.org')).exitCode).not.toBe(0);
      expect((await run(box, 'cat /proc/net/dev | tail -n +3 | cut -d: -f1')).stdout.trim()).toBe('lo');
    });

    it('but to itself as localhost, on a loopback that needs no network of the engine', async () => {
      const box = await start();
      expect((await run(box, 'getent hosts localhost')).stdout).toMatch(/^127\.0\.0\.1 +localhost\n$/);
      expect(docker('inspect', box.id, '--format', '{{json .NetworkSettings.Networks}}')).toBe('{}');
    });

    it('even for its root user', async () => {
      const box = await start();
      const result = asRoot(box, probe('icmp', outer[0] ?? '', 0));
      expect(result.stdout).toMatch(/Permission denied|unreachable/);
    });
  });

  describe('has no privileges', () => {
    it('neither capabilities nor a way to gain any, as server or as root', async () => {
      const box = await start();
      const argv = ['grep', '-E', '^(Cap|NoNewPrivs|Seccomp:)', '/proc/self/status'];
      for (const status of [await box.exec(argv, { signal: never }), asRoot(box, argv)]) {
        expect(status.stdout.replace(/\t/g, ' ').trim().split('\n')).toEqual([
          'CapInh: 0000000000000000',
          'CapPrm: 0000000000000000',
          'CapEff: 0000000000000000',
          'CapBnd: 0000000000000000',
          'CapAmb: 0000000000000000',
          'NoNewPrivs: 1',
          'Seccomp: 2',
        ]);
      }
    });

    it('and runs as the image’s own server user, which cannot switch users and can write only to its own directories', async () => {
      const box = await start();
      expect((await run(box, 'id -un')).stdout).toBe('postgres\n');
      expect((await run(box, 'touch /etc/x /usr/x /var/lib/postgresql/x; test -e /etc/x')).exitCode).not.toBe(0);
      const root = asRoot(box, ['touch', '/etc/x']);
      expect(root.stderr).toMatch(/Read-only file system/);
      expect(asRoot(box, ['su', 'postgres', '-c', 'true']).exitCode).not.toBe(0);
      expect((await run(box, 'kill -9 1; kill -9 7')).exitCode).not.toBe(0);
    });

    it('and publishes no port', async () => {
      const box = await start();
      expect(docker('port', box.id)).toBe('');
      expect(
        docker(
          'inspect',
          box.id,
          '--format',
          '{{.HostConfig.NetworkMode}} {{.NetworkSettings.IPAddress}}|{{json .NetworkSettings.Ports}}',
        ),
      ).toBe('none |{}');
    });
  });

  describe('has limits', () => {
    it('on memory, CPU and processes', async () => {
      const box = await start({ memoryBytes: 256 * 2 ** 20, cpus: 0.5, pids: 77 });
      const format =
        '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}';
      expect(docker('inspect', box.id, '--format', format)).toBe('268435456 268435456 500000000 77');
    });

    it.runIf(process.getuid?.() === 0)('and runs as a user other than the owner of the shared directory', async () => {
      const engine = await createEngineFinder()(never);
      const plan = { request: makeRequest(), project: PROJECT, now: new Date() };
      const box = await startContainer(engine, plan, () => undefined, never);
      try {
        const { container, watch, socketDir = '' } = box;
        const target = { container, exitOf: (id: string) => watch.exitOf(id), over: watch.gone };
        const { stdout: uid } = await execInContainer(target, ['id', '-u', 'postgres'], {
          user: '0:0',
          signal: never,
        });
        await chown(socketDir, Number(uid), Number(uid)); // as if Firedrill ran as that user
        expect((await prepareSandbox(target, 'postgres', never)).user).toBe('65534:65534');
      } finally {
        box.watch.stop();
        await removeSandbox(box);
      }
    });

    it('and cannot fork indefinitely', async () => {
      const box = await start({ pids: 40 });
      const result = await run(box, 'i=0; while [ $i -lt 60 ]; do sleep 60 & i=$((i+1)); done; wait');
      expect(result.stderr).toMatch(/fork/i);
    });

    it('and cannot fill a tmpfs beyond its memory', async () => {
      const box = await start({ storage: 'tmpfs', memoryBytes: 256 * 2 ** 20 });
      expect((await run(box, 'df -k "$1" | tail -1 | awk \'{print $1, $2}\'', box.paths.data)).stdout).toBe(
        'tmpfs 262144\n',
      );
      expect(docker('inspect', box.id, '--format', '{{range .Mounts}}{{.Type}} {{end}}').trim()).toBe('bind bind');
    });
  });
});
