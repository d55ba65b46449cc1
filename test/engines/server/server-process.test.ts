import { expect, it } from 'vitest';
import { MYSQL_SIGNS } from '../../../src/engines/mysql/server/server-log-patterns.ts';
import { ServerProcess } from '../../../src/engines/server/server-process.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';

/** As MariaDB 10.5 writes it, shortened. */
const CRASH = [
  '261130 23:02:20 [ERROR] mysqld got signal 11 ;',
  'Server version: 10.5.23-MariaDB-0+deb11u1 source revision: 6cfd2ba397b0ca689d8ff1bdb9fc4a4dc516a5eb',
  '/usr/sbin/mariadbd(handle_fatal_signal+0x475)[0x55e099d1f5a5]',
  '/usr/sbin/mariadbd(_ZN14Rows_log_event15update_sequenceEv+0x10e)[0x55e099e5a1be]',
  '',
  'Trying to get some variables.',
  'Query (0x7f09a80104f0): INSERT INTO customer VALUES',
  "('Ada', 'ada@example.com')",
  '',
  'Connection ID (thread ID): 14',
  'Status: NOT_KILLED',
  'Optimizer switch: index_merge=on,index_merge_union=on',
  'Writing a core file...',
  'Limit                     Soft Limit           Hard Limit           Units     ',
  'Max cpu time              unlimited            unlimited            seconds   ',
  'Core pattern: core',
];

async function ended(exitCode: number, lines: readonly string[]): Promise<ServerProcess> {
  const sandbox: Pick<Sandbox, 'exec' | 'gone'> = {
    gone: new AbortController().signal,
    exec: async (_argv, { onStderrLine }) => {
      for (const line of lines) onStderrLine?.(line);
      return { exitCode, stdout: '', stderr: '' };
    },
  };
  const server = new ServerProcess(sandbox as Sandbox, ['mariadbd'], MYSQL_SIGNS);
  await server.ended;
  return server;
}

it('a server that crashes is named with its signal and where it crashed, without the statement that it ran', async () => {
  const error = (await ended(139, CRASH)).explain('the server went away');
  expect(error).toMatchObject({
    code: 'server-failed',
    message: 'the server went away: it crashed (SIGSEGV)',
    hint: expect.stringContaining('newer release'),
  });
  expect(error.details).toEqual(CRASH.slice(0, 5));
});

it.each([
  [1, ['[ERROR] Aborting'], 'server-failed', 'it ended (exit code 1)'],
  [137, [], 'out-of-memory', expect.stringMatching(/killed/)],
  [134, ['[ERROR] InnoDB: No space left on device'], 'disk-full', expect.stringMatching(/no space left/)],
])('a server that ends with exit code %i after %j is %s', async (exitCode, lines, code, message) => {
  expect((await ended(exitCode, lines)).explain('it ended')).toMatchObject({ code, message });
});
