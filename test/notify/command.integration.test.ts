import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createChannels } from '../../src/notify/channel-registry.ts';
import type { CommandSpec } from '../../src/notify/channels/command/command-channel.ts';
import { NotifyError } from '../../src/notify/notify-error.ts';
import { channelDeps, hostileNotification, noSignal, problemNotification } from './notifications.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'firedrill-command-'));
});
afterEach(() => rm(directory, { recursive: true }));

const PATH = process.env['PATH'] ?? '';

function channelOf(argv: CommandSpec['argv'], env = {}, deps = {}) {
  const spec = { name: 'script', type: 'command' as const, argv, env: { PATH, ...env } };
  const [channel] = createChannels([spec], channelDeps({ directory, ...deps }));
  if (!channel) throw new Error('no channel');
  return channel;
}

async function failureOf(work: Promise<void>): Promise<NotifyError> {
  const error = await work.then(
    () => new Error('it arrived'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof NotifyError) return error;
  throw error;
}

/** Whether the process is running whose pid the file holds; on a busy machine it may have been killed before it could write it. */
async function isAlive(file: string): Promise<boolean> {
  const pid = await readFile(join(directory, file), 'utf8').catch(() => '');
  const stat = pid === '' ? 'gone' : await readFile(`/proc/${pid.trim()}/stat`, 'utf8').catch(() => 'gone');
  return stat !== 'gone' && !/ [ZX] /.test(stat); // dead, even if not reaped yet
}

describe('a command', () => {
  it('gets the notification on standard input and a summary in its environment, in the directory of the settings file', async () => {
    await writeFile(join(directory, 'tell'), '#!/bin/sh\ncat > notice.json\nenv > env.txt\necho "$@" > args.txt\n');
    await chmod(join(directory, 'tell'), 0o755);
    const notification = hostileNotification();
    await channelOf(['./tell', '$(id)', ';x'], { TOKEN: 'abc' }).send(notification, noSignal);
    expect(JSON.parse(await readFile(join(directory, 'notice.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(notification)),
    );
    expect(await readFile(join(directory, 'args.txt'), 'utf8')).toBe('$(id) ;x\n');
    const env = await readFile(join(directory, 'env.txt'), 'utf8');
    const names = env.split('\n').map((line) => line.split('=')[0]);
    const own = ['PWD', 'OLDPWD', 'SHLVL', '_', '']; // the shell's
    expect(names.filter((name = '') => !own.includes(name)).toSorted()).toEqual([
      'FIREDRILL_NOTICE_DRILL',
      'FIREDRILL_NOTICE_HEADLINE',
      'FIREDRILL_NOTICE_ID',
      'FIREDRILL_NOTICE_KIND',
      'FIREDRILL_NOTICE_STATE',
      'PATH',
      'TOKEN',
    ]);
    expect(env).toContain('FIREDRILL_NOTICE_DRILL=orders\n');
    expect(env).toContain('FIREDRILL_NOTICE_STATE=failed\n');
    expect(env).toMatch(/FIREDRILL_NOTICE_HEADLINE=FAILED <script>.*\\r\\nBcc: evil@example\.com \\u001b/);
  });

  it('does not have to read its input', async () => {
    const notification = problemNotification({ facts: [{ label: 'long', text: 'x'.repeat(1_000_000) }] });
    await channelOf(['true']).send(notification, noSignal);
  });

  it('that fails is retried, and its last output is reported without secrets or control sequences', async () => {
    const script = 'printf "%01000d\\n" 0 >&2; printf "\\033[2Jno route, token verysecret1\\n" >&2; exit 3';
    const error = await failureOf(channelOf(['sh', '-c', script]).send(problemNotification(), noSignal));
    expect(error.message).toMatch(/^sh ended with 3: 0*\\n\\u001b\[2Jno route, token \*\*\*$/);
    expect(error.message.length).toBeLessThan(700);
    expect(error.retryable).toBe(true);
    const killed = await failureOf(channelOf(['sh', '-c', 'kill -9 $$']).send(problemNotification(), noSignal));
    expect(killed.message).toBe('sh ended with SIGKILL');
  });

  it('that does not exist is not retried', async () => {
    const error = await failureOf(channelOf(['./nothing']).send(problemNotification(), noSignal));
    expect(error.message).toBe('./nothing could not be started (ENOENT)');
    expect(error.retryable).toBe(false);
    await writeFile(join(directory, 'plain'), 'x');
    const plain = await failureOf(channelOf(['./plain']).send(problemNotification(), noSignal));
    expect(plain.message).toBe('./plain could not be started (EACCES)');
  });

  it('that takes too long is ended along with everything that it started', async () => {
    const script = 'sleep 1000 & echo $! > child; echo $$ > parent; wait';
    const error = await failureOf(
      channelOf(['sh', '-c', script], {}, { commandDeadlineMs: 300 }).send(problemNotification(), noSignal),
    );
    expect(error.message).toBe('sh did not end within 300 ms');
    expect(error.retryable).toBe(true);
    expect(await isAlive('parent')).toBe(false);
    expect(await isAlive('child')).toBe(false);
  });

  it('that ignores SIGTERM is killed', async () => {
    const script = 'trap "" TERM; echo $$ > parent; while :; do sleep 1000; done';
    const deps = { commandDeadlineMs: 300, killGraceMs: 50 };
    const error = await failureOf(channelOf(['sh', '-c', script], {}, deps).send(problemNotification(), noSignal));
    expect(error.message).toBe('sh did not end within 300 ms');
    expect(await isAlive('parent')).toBe(false);
  });

  it('leaves nothing running in its process group when it succeeds', async () => {
    await channelOf(['sh', '-c', 'sleep 1000 & echo $! > child']).send(problemNotification(), noSignal);
    while (await isAlive('child')); // killed, but the kernel closes its pipe before it marks the process as ended
  });

  it('is not kept waiting by processes outside its group', async () => {
    await channelOf(['sh', '-c', 'setsid sleep 2 & exit 0']).send(problemNotification(), noSignal);
  });

  it('is ended when the signal aborts', async () => {
    const controller = new AbortController();
    const sending = channelOf(['sh', '-c', 'echo $$ > parent; exec sleep 1000']).send(
      problemNotification(),
      controller.signal,
    );
    controller.abort(new Error('stopped'));
    await expect(sending).rejects.toThrow('stopped');
    await expect(channelOf(['true']).send(problemNotification(), controller.signal)).rejects.toThrow('stopped');
  });
});
