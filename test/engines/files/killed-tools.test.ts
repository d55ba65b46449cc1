import { expect, test } from 'vitest';
import { judgeUnzip } from '../../../src/engines/files/formats/archive/restore-zip.ts';
import { explainTool } from '../../../src/engines/files/repository/run-tool.ts';
import { restoredTree } from '../../../src/engines/files/restored/restored-tree.ts';
import { checkIntegrity } from '../../../src/engines/files/restored/sqlite.ts';
import { writeTree } from '../../../src/engines/files/tree/write-tree.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';

const signal = new AbortController().signal;
/** Every program in it is killed once it has read its input. */
const sandbox: Pick<Sandbox, 'exec'> = {
  exec: async (_argv, { stdin, stdout }) => {
    for await (const _ of stdin ?? []);
    stdout?.end();
    return { exitCode: 137, stdout: '', stderr: '' };
  },
};

/** Most likely by the limit of the sandbox’s memory, so it says nothing about the backup. */
test.each([
  [
    'restic, Borg or Litestream',
    async () =>
      Promise.reject(
        explainTool([], {
          tool: 'restic',
          fail: 'x',
          exitCode: 137,
          text: '',
          lines: [],
        }),
      ),
  ],
  ['unzip', async () => judgeUnzip('a.zip', 137, '')],
  ['tar', async () => writeTree({ sandbox, directory: '/d', key: 'a.tar', signal }, async () => undefined)],
  ['sha256sum', async () => restoredTree(sandbox, '/d').hash('a', signal)],
  ['sqlite3', async () => checkIntegrity(sandbox, '/d/a.db', signal)],
])('the backup is not blamed when %s is killed', async (_what, run) => {
  await expect(run()).rejects.toMatchObject({ code: 'out-of-memory' });
});

test('the backup is not blamed for a file that the user of the sandbox may not read', async () => {
  const exec: Sandbox['exec'] = async () => ({
    exitCode: 2,
    stdout: '',
    stderr: 'sh: 1: cannot open ./a: Permission denied',
  });
  await expect(restoredTree({ exec }, '/d').hash('a', signal)).rejects.toMatchObject({ code: 'check-malformed' });
});
