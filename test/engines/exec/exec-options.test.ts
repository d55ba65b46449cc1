import { expect, it } from 'vitest';
import { resolveExec } from '../../../src/engines/exec/exec-options.ts';
import { fillArgv } from '../../../src/engines/exec/placeholders.ts';
import { endOf, stepFault } from '../../../src/engines/exec/step-fault.ts';

const IMAGE = `registry.example.com/sqlite@sha256:${'a'.repeat(64)}`;
const RESTORE = { restore: ['cp', '{backup}', '{data}/orders.db'] };
const SERVED = { server: ['redis-server', '--dir', '{backup}'], ready: ['redis-cli', 'ping'] };
const READS = ['sqlite3', '{data}/orders.db', 'select count(*) from orders'];

function problemsOf(
  keys: Readonly<Record<string, unknown>>,
  {
    image = IMAGE,
    argv = READS,
    isJudged = true,
  }: { image?: string | undefined; argv?: readonly string[]; isJudged?: boolean } = {},
): readonly string[] {
  const problems: string[] = [];
  const checks = [{ needs: 'program', argv, isJudged }] as const;
  resolveExec(keys, {
    image,
    runtime: undefined,
    checks,
    report: (path, message) => problems.push(`${path.join('.')} ${message}`),
  });
  return problems;
}

it('takes a drill whose check reads what its steps restored', () => {
  expect(problemsOf({ steps: RESTORE })).toEqual([]);
  expect(problemsOf({ steps: SERVED }, { argv: ['redis-cli', 'dbsize'] })).toEqual([]);
  expect(problemsOf({ steps: SERVED }, { argv: ['other-client', '--socket={run}/s', 'count'] })).toEqual([]);
  expect(problemsOf({ steps: { restore: [['true'], ['tar', '-xf', '{backup}', '--directory={data}']] } })).toEqual([]);
});

it.each([
  [{ steps: RESTORE }, { argv: ['true'] }, /^checks read no restored data/],
  [{ steps: RESTORE }, { argv: ['echo', '42'] }, /^checks read no restored data/],
  [{ steps: SERVED }, { argv: ['echo', '42'] }, /^checks read no restored data/],
  [{ steps: SERVED }, { argv: ['redis-cli', 'dbsize'], isJudged: false }, /^checks read no restored data/],
  [{ steps: RESTORE }, { image: 'sqlite:3' }, /^engine\.image must end with a digest/],
  [{}, {}, /^engine\.steps needs `restore`/],
  [{ steps: { restore: ['true'] } }, {}, /never names `\{backup\}`/],
  [{ steps: { restore: ['sh', '-c', 'cp {backup} /x'] } }, {}, /it must begin the argument/],
  [{ steps: { ...RESTORE, server: ['redis-server'] } }, {}, /needs `ready`/],
  [{ steps: { ...RESTORE, ready: ['true'] } }, {}, /has no `server`/],
  [{ steps: RESTORE, startServer: 'before-restore' }, {}, /needs both/],
] as const)('refuses %j with %j', (keys, given, message) => {
  expect(problemsOf(keys, given).join('\n')).toMatch(message);
});

it('replaces placeholders without making arguments of their own', () => {
  const paths = { data: '/d', scratch: '/s', run: '/r' };
  expect(fillArgv(['cp', '{backup}', '--to={data}/a b', '{run}/sock', '{other}'], paths)).toEqual([
    'cp',
    '/s/backup',
    '--to=/d/a b',
    '/r/sock',
    '{other}',
  ]);
});

it.each([
  ['restore', 1, '', 'restore-failed'],
  ['restore', 139, '', 'restore-failed'],
  ['restore', 127, '', 'tool-missing'],
  ['restore', 137, '', 'out-of-memory'],
  ['restore', 1, 'write: No space left on device', 'disk-full'],
  ['prepare', 1, '', 'step-failed'],
  ['server', 1, '', 'server-failed'],
  ['export', 1, '', 'wrong-data'],
] as const)('blames %s that ends with %i (%s) as %s', (step, exitCode, stderr, code) => {
  expect(stepFault(step, endOf(exitCode, stderr))).toBe(code);
});
