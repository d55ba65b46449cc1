import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDrillWorkspace } from '../support/cli-drill.ts';
import { expectGoneWhileRestoring } from './sandbox-gone.ts';

/** Owner files of the sandboxes that this process has now. */
function readOwners(): { labels: Record<string, string>; holder?: { pid: number } }[] {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(`fdlocal-${process.pid}-`));
  return names.map((name) => JSON.parse(readFileSync(join(tmpdir(), name, 'owner.json'), 'utf8')));
}

it('a local sandbox whose processes are killed halfway breaks the drill, and leaves nothing behind', async () => {
  await using workspace = await makeDrillWorkspace();
  const killed: number[] = [];
  await expectGoneWhileRestoring(
    workspace,
    () => {
      for (const { holder } of readOwners()) {
        if (!holder) continue;
        killed.push(holder.pid);
        process.kill(holder.pid, 'SIGKILL');
      }
    },
    /^sandbox-died$/,
  );
  expect(killed).toHaveLength(1);
});
