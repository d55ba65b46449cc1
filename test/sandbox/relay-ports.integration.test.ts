import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Egress, openEgress } from '../../src/sandbox/docker/egress.ts';
import { loopbackHosts, relayPorts } from '../../src/sandbox/docker/relay-ports.ts';

const never = new AbortController().signal;
let directory: string;
let server: Server;

/** A server that answers with what it received. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fd-relay-'));
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

const access = () => ({ allow: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }], reason: 'x' });

async function openIn(name: string): Promise<{ readonly shared: string; readonly egress: Egress }> {
  const shared = join(directory, name, 'run');
  await mkdir(shared, { recursive: true });
  return { shared, egress: await openEgress(shared, access(), never) };
}

it.each(['perl', 'python3'])(
  'relays only the allowed port with %s alone, complete and in both directions',
  async (tool) => {
    const { shared, egress } = await openIn(tool);
    await using _open = egress;
    const ended = new AbortController();
    const running: Promise<unknown>[] = [];
    await relayPorts(access(), {
      tools: [tool],
      sockets: egress.sockets.map((name) => join(shared, name)),
      exec: async ([program = '', ...argv], { signal, onStderrLine }) => {
        const relay = execa(program, argv, { cancelSignal: signal, reject: false, stdout: 'ignore', stdin: 'ignore' });
        running.push(relay);
        for await (const line of relay.iterable({ from: 'stderr' })) onStderrLine?.(line);
        return { exitCode: (await relay).exitCode ?? 1, stdout: '', stderr: '' };
      },
      signal: never,
      ended: ended.signal,
    });
    const { host, port } = access().allow[0] ?? { host: '', port: 0 };
    const ask = async (sent: string): Promise<string> => {
      const socket = connect({ host: loopbackHosts(access()).get(host) ?? '', port, allowHalfOpen: true });
      socket.end(sent);
      return text(socket);
    };
    const sent = 'x'.repeat(1_000_000);
    const answers = await Promise.all([ask('key?'), ask(sent), ask(sent)]);
    expect(answers.map((answer) => answer.length)).toEqual([4, sent.length, sent.length]);
    ended.abort();
    await Promise.all(running);
  },
);

it('changes no file that a link in the sandbox points to', async () => {
  const shared = join(directory, 'links', 'run');
  await mkdir(shared, { recursive: true });
  const victim = join(directory, 'victim');
  await writeFile(victim, '');
  await chmod(victim, 0o600);
  await symlink(victim, join(shared, '.allow-0'));
  await using _egress = await openEgress(shared, access(), never);
  expect((await stat(victim)).mode & 0o777).toBe(0o600);
  expect((await lstat(join(shared, '.allow-0'))).isSocket()).toBe(true);
});
