import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localLeftovers } from './local-leftovers.ts';
import { nobody, type Probe, startProbe } from './local-probe-process.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
if (!isLinux) console.warn('SKIPPED: namespaces are Linux only; run the tests on Linux');
if (isLinux && !isRoot) console.warn('SKIPPED: the local runtime as root; run the tests as root, too');

/** Tries a TCP connection and a UDP datagram, and prints the result of the former. perl is in Debian's base. */
const KNOCK = `use IO::Socket::INET; my ($h, $t, $u) = @ARGV;
my $d = IO::Socket::INET->new(PeerAddr => $h, PeerPort => $u, Proto => "udp"); $d and $d->send("x");
my $s = IO::Socket::INET->new(PeerAddr => $h, PeerPort => $t, Timeout => 2); print $s ? "reached" : "no";`;

const users = [
  ...(isRoot ? [{ title: 'started as root', user: undefined }] : []),
  { title: 'started by an unprivileged user', user: isRoot ? nobody : undefined },
];

describe.skipIf(!isLinux).each(users)('a local sandbox $title', ({ title, user }) => {
  const runId = `t-isolation-${title.replaceAll(' ', '-')}-${process.pid}`;
  const tcp = createServer((socket) => socket.destroy()).on('connection', () => {
    tcpHits += 1;
  });
  const udp = createSocket('udp4', () => {
    udpHits += 1;
  });
  let tcpHits = 0;
  let udpHits = 0;
  let ports: string[] = [];
  let probe: Probe;
  const hostAddresses = [
    '127.0.0.1',
    ...Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address),
  ];

  beforeAll(async () => {
    tcp.listen(0, '0.0.0.0');
    udp.bind(0, '0.0.0.0');
    await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
    const address = tcp.address();
    ports = [String(typeof address === 'object' ? address?.port : ''), String(udp.address().port)];
    probe = await startProbe({ seal: 'own-root', runId, ...(user ? { user } : {}) });
  });

  afterAll(async () => {
    await probe?.end();
    tcp.close();
    udp.close();
    expect(await localLeftovers(runId)).toEqual([]);
  });

  it('answers queries over its socket from outside, without being root inside', async () => {
    expect((await probe.sql('select 1 + 1 as two')).rows).toEqual([{ two: 2 }]);
    expect(Number((await probe.exec('id', '-u')).stdout)).not.toBe(0);
    expect(probe.box.uid).toBe(user ? user.uid : process.getuid?.());
  });

  it('describes its isolation correctly', () => {
    expect(probe.box.isolation.network).toBe('none');
    expect(probe.box.isolation.sentence).toMatch(
      /^a network namespace with no interface but loopback.*; only the host’s programs are visible, read-only; runs as \w+ without privileges; /,
    );
  });

  it('reaches no TCP or UDP service of the host, although the host does', async () => {
    for (const host of hostAddresses) {
      const datagram = once(udp, 'message');
      const { stdout } = await promisify(execFile)('perl', ['-e', KNOCK, host, ...ports]);
      expect(stdout, `from the host to ${host}`).toBe('reached');
      await datagram;
    }
    const hits = { tcpHits, udpHits };
    for (const host of hostAddresses) {
      expect((await probe.exec('perl', '-e', KNOCK, host, ...ports)).stdout).toBe('no');
    }
    expect({ tcpHits, udpHits }).toEqual(hits);
  });

  it('cannot reach anything from SQL either: COPY FROM PROGRAM, dblink, name lookup', async () => {
    const hits = { tcpHits, udpHits };
    await probe.sql('create table said(line text)');
    for (const host of hostAddresses) {
      const knock = KNOCK.replaceAll('\n', ' ').replaceAll("'", "''");
      expect(await probe.sql(`copy said from program $$perl -e '${knock}' ${host} ${ports.join(' ')}$$`)).toEqual({
        rows: [],
      });
    }
    expect((await probe.sql('select distinct line from said')).rows).toEqual([{ line: 'no' }]);
    await probe.sql('create extension dblink');
    const dblink = await probe.sql(`select dblink_connect('hostaddr=127.0.0.1 port=${ports[0]} user=x dbname=x')`);
    expect(dblink.error).toMatch(/could not establish connection|refused/);
    expect((await probe.exec('getent', 'hosts', 'example.com')).exitCode).not.toBe(0);
    expect({ tcpHits, udpHits }).toEqual(hits);
  });

  it('has only loopback', async () => {
    const { stdout } = await probe.exec('sh', '-c', 'tail -n +3 /proc/net/dev | cut -d: -f1');
    expect(stdout.trim()).toBe('lo');
  });

  it("sees only programs among the host's files, and cannot change them", async () => {
    const { stdout } = await probe.exec(
      'sh',
      '-c',
      `ls -A /; ls -d /run /var /home /root /srv '${PROJECT}package.json' 2>/dev/null; true`,
    );
    // The programs installed by npm are below the project.
    const usual = new Set(['', PROJECT.split('/')[1]]);
    const shown = stdout
      .split('\n')
      .filter((line) => !usual.has(line) && !/^(bin|dev|etc|lib\w*|proc|sbin|tmp|usr|nix|gnu|host)$/.test(line));
    expect(shown).toEqual([]);
    expect((await probe.exec('sh', '-c', 'ls -A /host 2>/dev/null')).stdout).toBe('');
    for (const path of [
      '/var/run/docker.sock',
      '/run/docker.sock',
      `${PROJECT}node_modules/pg/package.json`,
      '/etc/shadow',
      '/etc/hosts',
      `${probe.box.id}/owner.json`,
    ]) {
      expect((await probe.exec('test', '-e', path)).exitCode, path).toBe(1);
    }
    const pids = await probe.exec('sh', '-c', 'cat /proc/[0-9]*/comm | sort -u');
    expect(pids.stdout).not.toContain('node');
    const wrote = await probe.exec(
      'sh',
      '-c',
      'd=$(dirname "$(command -v postgres)"); touch "$d/probe" /usr/bin/probe',
    );
    expect(wrote.stderr.match(/Read-only file system|Permission denied/g)?.length).toBe(2);
    const mounts = (await probe.exec('sh', '-c', 'grep -E " (/usr|/.*/native) " /proc/mounts | cut -d" " -f4')).stdout
      .trim()
      .split('\n');
    expect(mounts.length).toBe(2);
    expect(mounts.every((flags) => flags.startsWith('ro,nosuid,nodev'))).toBe(true);
  });

  it('has no privileges, and none of our environment variables', async () => {
    const status = (await probe.exec('grep', '-E', '^(CapEff|CapPrm|CapAmb|NoNewPrivs)', '/proc/self/status')).stdout;
    expect(status.replaceAll('\t', '').trim().split('\n').sort()).toEqual([
      'CapAmb:0000000000000000',
      'CapEff:0000000000000000',
      'CapPrm:0000000000000000',
      'NoNewPrivs:1',
    ]);
    const names = (await probe.exec('env')).stdout
      .split('\n')
      .map((line) => line.split('=')[0])
      .filter((name) => !['PWD', 'OLDPWD', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', ''].includes(name ?? ''));
    expect(names.sort()).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR']);
  });
});
