import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { firedrill, makeWorkspace } from '../support/cli.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const token = (...argv: string[]) => firedrill(['token', ...argv], { cwd: workspace.directory });

it('a token is printed once, alone on stdout; the store holds only its hash', async () => {
  const { code, stdout, stderr } = await token('add', 'alice', '--role', 'operator');
  expect([code, stderr]).toEqual([0, 'alice is operator; the token is not shown again\n']);
  expect(stdout).toMatch(/^fdr_[\w-]{43}\n$/);
  for (const file of ['history.db', 'history.db-wal'])
    expect(await readFile(join(workspace.directory, '.firedrill', file)).catch(() => '')).not.toContain(stdout.trim());
});

it('tokens are listed by name and role, and are viewers by default', async () => {
  expect(await token('list')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'no tokens yet; add one with: firedrill token add NAME --role operator\n',
  });
  await token('add', 'alice', '--role', 'operator');
  await token('add', 'ci');
  await token('revoke', 'ci');
  const { stdout } = await token('list');
  expect(stdout.replaceAll(/\d+ s ago/g, 'N s ago').replaceAll(/ +/g, ' ')).toBe(
    [
      'NAME ROLE MADE LAST USED STATE',
      'alice operator N s ago never active',
      'ci viewer N s ago never revoked N s ago',
      '',
    ].join('\n'),
  );
  const lines = (await token('list', '--json')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { type: 'token', name: 'alice' },
    { name: 'ci', role: 'viewer' },
  ]);
  expect(lines.join()).not.toContain('hash');
});

it('a name must be valid and unused', async () => {
  await token('add', 'alice');
  expect(await token('add', 'alice')).toMatchObject({
    code: 64,
    stderr:
      'usage: a token named alice already exists\nHINT: Revoke it first with `firedrill token revoke`, or choose another name.\n',
  });
  expect(await token('add', 'a b')).toMatchObject({ code: 64, stdout: '' });
  expect(await token('add', 'bob', '--role', 'admin')).toMatchObject({ code: 64, stdout: '' });
  expect(await token('revoke', 'bob')).toMatchObject({ code: 64 });
  expect(await token('revoke', 'alice')).toMatchObject({ code: 0 });
  expect(await token('add', 'alice')).toMatchObject({ code: 0 });
});
