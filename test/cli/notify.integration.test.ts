import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notifyListCommand, notifyTestCommand } from '../../src/cli/commands/notify.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { Redactor } from '../../src/support/redact.ts';
import { createToolbox } from '../../src/wiring.ts';
import { type Answer, answer, ok, receive } from '../notify/http-receiver.ts';
import { hostileNotification, problemNotification } from '../notify/notifications.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import { NOON } from '../support/run-records.ts';
import { memoryIo } from './memory-io.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const SECRETS = { SLACK: 'http://127.0.0.1:1/verysecret', PD: 'verysecretkey' };

async function settings(pagerUrl: string, slack = '${SLACK}'): Promise<void> {
  await writeFile(
    join(workspace.directory, 'firedrill.yaml'),
    `notify:
  channels:
    chat: { type: slack, url: '${slack}' }
    pager: { type: pagerduty, routingKey: '\${PD}', url: '${pagerUrl}' }
    script: { type: command, argv: [sh, -c, 'cat > notice.json'] }
`,
  );
}

const run = (argv: readonly string[], env: Readonly<Record<string, string>> = SECRETS) =>
  firedrill(['notify', ...argv], { cwd: workspace.directory, env });

describe('firedrill notify test', () => {
  it('sends a test to every channel and reports the results', async () => {
    await using server = await receive(ok);
    await settings(`${server.url}/v2/enqueue`);
    const env = { ...SECRETS, SLACK: `${server.url}/verysecret` };
    expect(await run(['test'], env)).toEqual({
      code: 0,
      stdout: 'chat (slack): arrived\npager (pagerduty): arrived\nscript (command): arrived\n',
      stderr: '',
    });
    const events = server.received
      .filter(({ url }) => url === '/v2/enqueue')
      .map(({ body }) => (JSON.parse(body) as { event_action: string }).event_action);
    expect(events).toEqual(['trigger', 'resolve']);
  });

  it('exits with 2 when a channel refuses it, and shows the response without the secret', async () => {
    await using server = await receive(answer(400, 'invalid key verysecretkey\u001b[2J'));
    await settings(`${server.url}/v2/enqueue`);
    const { port } = new URL(server.url);
    const { code, stdout, stderr } = await run(['test', 'pager', 'script']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toBe(
      `pager (pagerduty): not arrived: 127.0.0.1:${port} answered 400: invalid key ***\\u001b[2J\nscript (command): arrived\n`,
    );
    const json = await run(['test', 'pager', '--json']);
    expect(JSON.parse(json.stdout)).toEqual({
      type: 'test',
      channel: 'pager',
      channelType: 'pagerduty',
      error: `127.0.0.1:${port} answered 400: invalid key ***\\u001b[2J`,
    });
  });

  it('needs only the secrets of the channels that it tests', async () => {
    await settings('http://127.0.0.1:1/');
    expect(await run(['test', 'script'], {})).toMatchObject({ code: 0, stdout: 'script (command): arrived\n' });
    const { code, stderr } = await run(['test'], {});
    expect(code).toBe(64);
    expect(stderr).toContain('notify.channels.chat.url: the variable SLACK is not set or empty; it holds this secret');
    expect(stderr).toContain('notify.channels.pager.routingKey: the variable PD is not set');
  });

  it('names the channel that it waits for', async () => {
    const told = Promise.withResolvers<string>();
    const whenTold: Answer = (response) => void told.promise.then(() => response.end('ok'));
    await using server = await receive(whenTold);
    await settings('http://127.0.0.1:1/');
    const io = { ...memoryIo(workspace.directory), env: { ...SECRETS, SLACK: server.url } };
    const stderr = { write: (text: string) => told.resolve(text) };
    let elapsedMs = 0;
    const clock = { now: () => NOON, monotonicMs: () => (elapsedMs += 11_000) };
    const tools = { ...createToolbox({ ...io, stderr }, new Redactor()), clock };
    expect(await notifyTestCommand(tools, ['chat'], { config: undefined, json: false })).toBe(0);
    expect(await told.promise).toMatch(/^sending a test to chat, 0:/);
    expect(io.out()).toBe('chat (slack): arrived\n');
  });

  it('refuses a channel that is not in the settings', async () => {
    await settings('http://127.0.0.1:1/');
    expect(await run(['test', 'chatt'])).toEqual({
      code: 64,
      stdout: '',
      stderr: 'usage: there is no channel "chatt"\nHINT: Did you mean "chat"? The settings have chat, pager, script.\n',
    });
    await writeFile(join(workspace.directory, 'firedrill.yaml'), '');
    expect((await run(['test'])).stderr).toMatch(/^usage: there is no channel to test\nHINT: Add one under/);
  });
});

describe('firedrill notify list', () => {
  async function fill(): Promise<void> {
    await settings('http://127.0.0.1:1/');
    await using store = await openSqliteStore(join(workspace.directory, '.firedrill/history.db'));
    const message = (id: string, channel: string, notification: object) =>
      ({
        id,
        key: id,
        channel,
        subject: 'orders',
        notification: JSON.stringify(notification),
        createdAt: NOON,
      }) as const;
    await store.enqueue([
      message('a', 'chat', problemNotification()),
      message('b', 'pager', hostileNotification()),
      message('c', 'script', problemNotification()),
    ]);
    await store.takeDeliveries(NOON, NOON, 10);
    const at = new Date(NOON.getTime() + 60_000);
    const nextAttemptAt = new Date(NOON.getTime() + 20 * 60_000);
    await store.endDelivery('a', { kind: 'retry', error: 'hooks.slack.com answered 500', nextAttemptAt });
    await store.endDelivery('b', { kind: 'given-up', error: 'answered 400: \u001b[2Jno', at });
    await store.endDelivery('c', { kind: 'sent', at });
  }

  async function list(json: boolean) {
    const io = { ...memoryIo(workspace.directory), env: SECRETS };
    const clock = { now: () => new Date(NOON.getTime() + 10 * 60_000), monotonicMs: () => 0 };
    const tools = { ...createToolbox(io, new Redactor()), clock };
    const code = await notifyListCommand(tools, { config: undefined, json });
    return { code, stdout: io.out(), stderr: io.err() };
  }

  it('shows channels, pending and abandoned notifications, with hostile text escaped', async () => {
    await fill();
    expect(await list(false)).toEqual({
      code: 0,
      stderr: '',
      stdout: `CHANNEL  TYPE       PENDING  GIVEN UP
chat     slack      1        0
pager    pagerduty  0        1
script   command    0        0

MESSAGE   CHANNEL  AGE     TRIES  NEXT       WHAT
pending   chat     10 min  1      in 10 min  FAILED orders: recovery took 41 min, target 30 min (11 min over) (hooks.slack.com answered 500)
GIVEN UP  pager    10 min  1                 FAILED <script>alert("1")</script> <!channel> & <@U1>\\r\\nBcc: evil@example.com \\u001b[31m\\u202e (answered 400: \\u001b[2Jno)
`,
    });
  });

  it('prints them as JSON', async () => {
    await fill();
    const lines = (await list(true)).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.slice(0, 3)).toEqual([
      { type: 'channel', channel: 'chat', channelType: 'slack' },
      { type: 'channel', channel: 'pager', channelType: 'pagerduty' },
      { type: 'channel', channel: 'script', channelType: 'command' },
    ]);
    expect(lines[3]).toMatchObject({
      type: 'delivery',
      channel: 'chat',
      status: 'pending',
      attempts: 1,
      headline: 'FAILED orders: recovery took 41 min, target 30 min (11 min over)',
    });
  });

  it('reports what a channel is missing, and that there are no channels', async () => {
    await settings('http://127.0.0.1:1/');
    const lacking = await run(['list'], {});
    expect(lacking).toMatchObject({
      code: 0,
      stdout: 'CHANNEL  TYPE     PENDING  GIVEN UP\nscript   command  0        0\n',
    });
    expect(lacking.stderr).toContain('notify.channels.chat.url: the variable SLACK is not set');
    await writeFile(join(workspace.directory, 'firedrill.yaml'), '');
    expect((await run(['list'])).stdout).toBe(
      'no channels, so no notifications are sent; add one under notify.channels in firedrill.yaml\n',
    );
  });
});
