import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { SHELLS } from '../../src/cli/completion/shells.ts';
import { firedrill } from '../support/cli.ts';

const run = promisify(execFile);
const scripts = new Map<string, string>();
beforeAll(async () => {
  for (const shell of SHELLS) scripts.set(shell, (await firedrill(['completion', shell], { cwd: '/' })).stdout);
});

/** What bash offers for the last word. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${scripts.get('bash')}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _firedrill; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-c', script, 'bash', 'firedrill', ...words]);
  return stdout.split('\n').filter(Boolean);
}

it.each([
  [['ru'], ['run', 'runner', 'runs']],
  [['sh'], ['show']],
  [
    ['token', ''],
    ['add', 'list', 'revoke'],
  ],
  [
    ['token', 'add', 'x', '--role', ''],
    ['viewer', 'operator'],
  ],
  [['run', '--runtime', 'd'], ['docker']],
  [['run', 'drills/orders.yaml', '--ke'], ['--keep']],
  [['history', 'list', '--sk'], ['--skipped']],
  [['run', '--config', ''], []],
  [['completion', 'z'], ['zsh']],
])('bash completes %j with %j', async (words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

it('describes each command and option in shells that show descriptions', () => {
  expect(scripts.get('zsh')).toContain("'logs:show the log of a run'");
  expect(scripts.get('zsh')).toContain("'run --runtime') compadd -- docker local; return ;;");
  expect(scripts.get('fish')).toContain(
    `complete -c firedrill -n '__firedrill_at \\'logs\\'' -l follow -s f -d 'follow until the run ends'`,
  );
});

it('refuses an unknown shell', async () => {
  expect(await firedrill(['completion', 'tcsh'], { cwd: '/' })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('Allowed choices are bash, zsh, fish.'),
  });
});
