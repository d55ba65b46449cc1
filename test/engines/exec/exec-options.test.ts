import { expect, it } from 'vitest';
import { execKeys, resolveExec } from '../../../src/engines/exec/exec-options.ts';
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
    isAboveZero = false,
    required,
    runtime,
  }: {
    image?: string | undefined;
    argv?: readonly string[];
    isJudged?: boolean;
    isAboveZero?: boolean;
    required?: 'nothing' | 'files' | 'content';
    runtime?: string;
  } = {},
): readonly string[] {
  const problems: string[] = [];
  const checks = [
    required === undefined
      ? ({ needs: 'program', argv, isJudged, isAboveZero } as const)
      : ({ needs: 'files', argv: undefined, isJudged: false, isAboveZero: false, required } as const),
  ];
  resolveExec(keys, {
    image,
    runtime,
    checks,
    report: (path, message) => problems.push(`${path.join('.')} ${message}`),
  });
  return problems;
}

it('accepts a drill whose check reads what its steps restored', () => {
  expect(problemsOf({ steps: RESTORE })).toEqual([]);
  expect(problemsOf({ steps: RESTORE }, { argv: ['cmp', '{backup}', '{data}/orders.db'] })).toEqual([]);
  expect(problemsOf({ steps: SERVED }, { argv: ['redis-cli', 'dbsize'] })).toEqual([]);
  expect(problemsOf({ steps: SERVED }, { argv: ['other-client', '--socket={run}/s', 'count'] })).toEqual([]);
  expect(problemsOf({ steps: { restore: [['true'], ['tar', '-xf', '{backup}', '--directory={data}']] } })).toEqual([]);
});

it.each([
  [['redis-cli', 'ping']],
  [['/usr/bin/redis-cli', 'ping']],
  [['env', 'LC_ALL=C', 'redis-cli', 'ping']],
  [['timeout', '-k', '1', '5s', 'redis-cli', 'ping']],
  [['sh', '-ec', 'exec redis-cli "ping"']],
])('refuses a check that only asks what `ready` asks: %j', (argv) => {
  expect(problemsOf({ steps: SERVED }, { argv }).join()).toMatch(/^checks read no restored data/);
});

it('accepts a check that asks what `ready` asks if only a number above 0 passes', () => {
  const steps = { ...SERVED, ready: ['redis-cli', 'dbsize'] };
  expect(problemsOf({ steps }, { argv: ['redis-cli', 'dbsize'] }).join()).toMatch(/^checks read no restored data/);
  expect(problemsOf({ steps }, { argv: ['redis-cli', 'dbsize'], isAboveZero: true })).toEqual([]);
  expect(problemsOf({ steps }, { argv: ['echo', '1'], isAboveZero: true }).join()).toMatch(/^checks read no/);
});

it('also refuses such a check when both name the server’s socket', () => {
  const ready = ['redis-cli', '-s', '{run}/server', 'ping'];
  const steps = { ...SERVED, ready };
  const around = [
    ['timeout', '-s', 'KILL', '5'],
    ['env', '-u', 'HOME'],
    ['sudo', '-u', 'redis'],
    ['stdbuf', '-o', '0'],
  ];
  for (const argv of [ready, ...around.map((words) => [...words, ...ready])])
    expect(problemsOf({ steps }, { argv }).join()).toMatch(/^checks read no restored data/);
  expect(problemsOf({ steps }, { argv: [...ready.slice(0, 3), 'dbsize'] })).toEqual([]);
});

it.each([
  [['/usr/bin/redis-cli', 'dbsize']],
  [['timeout', '5', 'redis-cli', 'dbsize']],
  [['timeout', '-s', 'KILL', '5', '/usr/bin/redis-cli', 'dbsize']],
])('accepts a check that asks the server for more: %j', (argv) => {
  expect(problemsOf({ steps: SERVED }, { argv })).toEqual([]);
});

it('accepts a check of files that an empty folder does not pass, beside a server by content only', () => {
  const served = { steps: { ...RESTORE, server: ['redis-server', '--dir', '{data}'], ready: ['redis-cli', 'ping'] } };
  expect(problemsOf({ steps: RESTORE }, { required: 'files' })).toEqual([]);
  expect(problemsOf(served, { required: 'content' })).toEqual([]);
  expect(problemsOf({ steps: RESTORE }, { required: 'nothing' }).join()).toMatch(/^checks read no restored data/);
  expect(problemsOf(served, { required: 'files' }).join()).toMatch(/^checks read no restored data/);
});

it.each([
  [{ steps: SERVED }, { required: 'content' }, /^checks of kind `files` read \{data\}, which no step names$/m],
  [{ steps: RESTORE }, { argv: ['true'] }, /^checks read no restored data/],
  [{ steps: RESTORE }, { argv: ['echo', '42'] }, /^checks read no restored data/],
  [{ steps: SERVED }, { argv: ['echo', '42'] }, /^checks read no restored data/],
  [{ steps: SERVED }, { argv: ['redis-cli', 'dbsize'], isJudged: false }, /^checks read no restored data/],
  [{ steps: RESTORE }, { argv: ['sqlite3', '{backup}', 'select 1'] }, /^checks read no restored data/],
  [{ steps: RESTORE }, { argv: ['stat', '--file={backup}/a'] }, /^checks read no restored data/],
  [{ steps: RESTORE }, { argv: ['cat', '{scratch}/backup'] }, /^checks read no restored data/],
  [{ steps: RESTORE }, { image: 'sqlite:3' }, /^engine\.image must end with a digest/],
  [{}, {}, /^engine\.steps needs `restore`/],
  [{ steps: { restore: ['true'] } }, {}, /never names `\{backup\}`/],
  [{ steps: { restore: ['sh', '-c', 'cp {backup} /x'] } }, {}, /it must begin the argument/],
  [{ steps: { ...RESTORE, server: ['redis-server'] } }, {}, /needs `ready`/],
  [{ steps: { ...RESTORE, ready: ['true'] } }, {}, /has no `server`/],
  [{ steps: RESTORE, startServer: 'before-restore' }, {}, /needs both/],
  [
    { steps: RESTORE, network: { allow: ['a.example.com:443'], reason: 'a key' } },
    { runtime: 'local' },
    /^engine\.network allows hosts, and the local runtime cannot/,
  ],
] as const)('refuses %j with %j', (keys, given, message) => {
  expect(problemsOf(keys, given).join('\n')).toMatch(message);
});

it.each([
  ['none', true],
  [{ allow: ['vault.example.com:8200', 'kms:443'], reason: 'the key' }, true],
  [{ allow: ['10.0.0.7:443'], reason: 'the key' }, false],
  [{ allow: ['localhost:443'], reason: 'the key' }, false],
  [{ allow: ['vault.example.com:8200'] }, false],
  [{ allow: ['vault.example.com:8200'], reason: ' ' }, false],
  [{ allow: [], reason: 'the key' }, false],
  [{ allow: ['*.example.com:443'], reason: 'the key' }, false],
  [{ allow: ['vault.example.com'], reason: 'the key' }, false],
  [{ allow: ['vault.example.com:0'], reason: 'the key' }, false],
  [{ allow: ['vault.example.com:65536'], reason: 'the key' }, false],
  [{ allow: ['-x:443'], reason: 'the key' }, false],
  [{ allow: ['host:443\n'], reason: 'the key' }, false],
  ['all', false],
])('accepts %j as a network: %s', (network, isFine) => {
  expect(execKeys.network.safeParse(network).success).toBe(isFine);
});

it('replaces placeholders without creating new arguments', () => {
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

it('relays a target once when it is allowed twice', () => {
  const network = { allow: ['Vault.example.com:8200', 'vault.example.com:8200', 'vault.example.com:443'], reason: 'x' };
  const options = resolveExec(
    { steps: RESTORE, network },
    {
      image: IMAGE,
      runtime: undefined,
      checks: [{ needs: 'program', argv: READS, isJudged: true, isAboveZero: false }],
      report: () => undefined,
    },
  );
  expect(options?.network?.allow).toEqual([
    { host: 'vault.example.com', port: 8200 },
    { host: 'vault.example.com', port: 443 },
  ]);
});
