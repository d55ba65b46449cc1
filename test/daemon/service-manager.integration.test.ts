import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createServiceManager } from '../../src/daemon/service-manager.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

/** Stands in for systemd: a datagram socket that prints each message as a line of JSON. */
const RECEIVER = `
import json, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print(json.dumps("listening"), flush=True)
while True:
    print(json.dumps(receiver.recv(4096).decode()), flush=True)
`;

const LISTENING = 'listening';
const BARRIER = 'BARRIER=1';

let directory: TemporaryDirectory;
let receiver: ChildProcess;
let lines: AsyncIterator<string>;
let socket: string;
/** Number of messages whose barrier has not arrived yet. */
let unasked: number;

beforeEach(async () => {
  directory = makeTemporaryDirectory();
  socket = join(directory.path, 'notify');
  unasked = 0;
  const child = spawn('python3', ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  receiver = child;
  lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await readMessage()).toBe(LISTENING);
});
afterEach(async () => {
  while (unasked > 0) await readMessage();
  const ended = once(receiver, 'exit');
  receiver.kill();
  await ended;
  directory[Symbol.dispose]();
});

/** Skips the barriers, with which systemd-notify only asks whether the previous message has been read. */
async function nextMessage(): Promise<string> {
  for (;;) {
    const message = await readMessage();
    if (message !== BARRIER) return message;
  }
}

/** Each message is followed by a barrier; its sender fails if the receiver exits before that. */
async function readMessage(): Promise<string> {
  const { value } = await lines.next();
  const message = JSON.parse(value as string) as string;
  if (message === BARRIER) unasked -= 1;
  else if (message !== LISTENING) unasked += 1;
  return message;
}

const noProblem = (message: string) => expect.unreachable(message);

it('notifies systemd when it is ready, of its status, and when it stops', async () => {
  const manager = createServiceManager({ ...process.env, NOTIFY_SOCKET: socket }, noProblem);
  manager.ready('12 drills\nnext at noon');
  const ready = (await nextMessage()).split('\n');
  expect(ready).toEqual(expect.arrayContaining(['READY=1', 'STATUS=12 drills next at noon', `MAINPID=${process.pid}`]));
  manager.stopping('stopping: 1 run goes on');
  expect((await nextMessage()).split('\n')).toEqual(
    expect.arrayContaining(['STOPPING=1', 'STATUS=stopping: 1 run goes on']),
  );
});

it('sends four keep-alives per watchdog interval, however often the loop ticks', async () => {
  const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '8000000', WATCHDOG_PID: String(process.pid) };
  const manager = createServiceManager(env, noProblem);
  for (const monotonicMs of [10_000, 10_500, 11_999, 12_000]) manager.alive(monotonicMs);
  manager.stopping('the end');
  const received: string[] = [];
  while (!received.some((text) => text.includes('STOPPING')) || received.length < 3) received.push(await nextMessage());
  expect(received.filter((text) => text.includes('WATCHDOG=1'))).toHaveLength(2);
});

it('does nothing without systemd, and sends no keep-alive when the watchdog is for another process', async () => {
  createServiceManager({ PATH: process.env['PATH'] }, noProblem).ready('fine');
  const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '8000000', WATCHDOG_PID: '1' };
  const manager = createServiceManager(env, noProblem);
  manager.alive(10_000);
  manager.stopping('the end');
  expect(await nextMessage()).toContain('STOPPING=1');
});

it('reports that systemd cannot be notified', async () => {
  const told = Promise.withResolvers<string>();
  createServiceManager({ PATH: '/nonexistent', NOTIFY_SOCKET: socket }, told.resolve).ready('fine');
  expect(await told.promise).toMatch(/^could not notify systemd of --ready: .*systemd-notify/);
});
