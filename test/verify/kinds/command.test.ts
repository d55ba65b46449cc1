import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { checkSchema } from '../../../src/config/check-schema.ts';
import type { ExecResult } from '../../../src/sandbox/sandbox.ts';
import type { Probe } from '../../../src/verify/check-kind.ts';
import { type CommandCheck, commandCheck } from '../../../src/verify/kinds/command/command-check.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { FROM_DUMP, fakeContext } from '../fake-pool.ts';

const takenAt = new Date('2026-11-21T03:00:00Z');
const reading = { textOf: () => undefined, report: () => undefined };

function check(file: Record<string, unknown>): CommandCheck {
  const spec = checkSchema.parse({ name: 'c', command: ['check-it'], ...file }).resolve(reading);
  if (spec?.kind !== 'command') throw new Error('not a command');
  return spec;
}

/** A sandbox in which every program prints this and ends like this. */
function printing(output: string | readonly Buffer[], ended: Partial<ExecResult> = {}): Probe {
  return {
    ...fakeContext(() => Promise.reject(new Error('no query is needed'))).probe,
    program: async (_argv, { stdout }) => {
      if (!stdout) throw new Error('the output goes nowhere');
      for (const piece of typeof output === 'string' ? [Buffer.from(output)] : output) stdout.write(piece);
      stdout.end();
      await finished(stdout);
      return { exitCode: 0, stdout: '', stderr: '', ...ended };
    },
  };
}

function run(file: Record<string, unknown>, probe: Probe) {
  const context = fakeContext(() => Promise.reject(new Error('no query is needed')));
  return commandCheck.run(check(file), { ...context, probe, takenAt, signal: AbortSignal.timeout(STEP_TIMEOUT_MS) });
}

test.each([
  ['any output with the right exit code', {}, 'whatever\n', {}, true, 'exit code 0'],
  [
    'a wrong exit code, with why',
    {},
    '',
    { exitCode: 2, stderr: 'x\nNOTICE: a\n\nheap is damaged\n' },
    false,
    'exit code 2: NOTICE: a; heap is damaged',
  ],
  ['an exit code that is expected', { exitCode: 3 }, '', { exitCode: 3 }, true, 'exit code 3'],
  ['exit code 127 that is expected', { exitCode: 127 }, '', { exitCode: 127 }, true, 'exit code 127'],
  ['a number', { expect: { min: 599 } }, '599\n', {}, true, '599'],
  ['a number below', { expect: { min: 599 } }, '598\r\n', {}, false, '598'],
  ['several lines as one value', { expect: { matches: '^a\nb$' } }, 'a\nb\n', {}, true, "'a\\nb'"],
  ['lines as rows', { expect: { rows: ['a', 'b'] } }, 'a\r\nb\n', {}, true, 'the same'],
  ['one line less', { expect: { rows: ['a', 'b'] } }, 'a\n', {}, false, '1 row instead of 2'],
  ['no output, expected', { expect: 'empty' }, '\n', {}, true, 'no output'],
  ['output where none is expected', { expect: 'empty' }, 'orphans\n', {}, false, '1 row'],
  ['no output where a value is expected', { expect: { equals: 0 } }, '', {}, false, 'no output'],
  ['the right output with a wrong exit code', { expect: { equals: 0 } }, '0\n', { exitCode: 1 }, false, 'exit code 1'],
  ['a number in JSON', { json: '/a/0/n', expect: { min: 5 } }, '{"a":[{"n":6}]}', {}, true, '6'],
  ['a number in JSON that is too small', { json: '/a/0/n', expect: { min: 7 } }, '{"a":[{"n":6}]}', {}, false, '6'],
  [
    'every digit of a number in JSON',
    { json: '/n', expect: { equals: '9007199254740993' } },
    '{"n":9007199254740993}',
    {},
    true,
    '9007199254740993',
  ],
  ['a text in JSON', { json: '/a~1b', expect: { equals: 'ok' } }, '{"a/b":"ok"}', {}, true, "'ok'"],
  ['a list in JSON as rows', { json: '', expect: { rows: ['x', 'y'] } }, '["x","y"]', {}, true, 'the same'],
  ['an empty list in JSON', { json: '/bad', expect: 'empty' }, '{"bad":[]}', {}, true, 'no row'],
  ['a name that the JSON lacks', { json: '/b', expect: { min: 0 } }, '{"a":1}', {}, false, 'no value at /b'],
  ['a name that objects inherit', { json: '/toString', expect: 'notEmpty' }, '{}', {}, false, 'no value at /toString'],
  ['output that is no JSON', { json: '/a', expect: { min: 1 } }, 'a: 1\n', {}, false, 'output that is not JSON'],
  ['a program that prints nothing', { json: '/a', expect: { min: 1 } }, '', {}, false, 'no output'],
] as const)('judges %s', async (_what, file, output, ended, passed, actual) => {
  expect(await run(file, printing(output, ended))).toMatchObject({ passed, actual });
});

test('describes the expected exit code and output', () => {
  expect(commandCheck.describe(check({ expect: { min: 2 } }), { takenAt, restore: FROM_DUMP })).toBe(
    'exit code 0, output at least 2',
  );
});

test('names the JSON value that it checks, and is refused without an expectation', () => {
  const judged = check({ json: '/count', expect: { min: 2 } });
  expect(commandCheck.describe(judged, { takenAt, restore: FROM_DUMP })).toBe('exit code 0, /count at least 2');
  expect(commandCheck.findVacuous?.(check({ json: '/count' }))).toMatchObject({ path: ['json'] });
  expect(() => check({ json: 'count', expect: 'notEmpty' })).toThrow('JSON Pointer');
});

test.each([126, 127])(
  'a program that does not start (%i) makes the check malformed, not the backup bad',
  async (exitCode) => {
    const probe = printing('', { exitCode, stderr: 'sh: exec: line 0: check-it: not found' });
    await expect(run({}, probe)).rejects.toMatchObject({
      code: 'check-malformed',
      message: `"check-it" did not start: exit code ${exitCode}: sh: exec: line 0: check-it: not found`,
    });
  },
);

test('a program that prints bulk data is refused', async () => {
  const probe = printing([Buffer.alloc(60_000), Buffer.alloc(60_000)]);
  await expect(run({ expect: 'notEmpty' }, probe)).rejects.toMatchObject({ code: 'check-malformed' });
});

test('a program that runs too long is stopped', async () => {
  const probe: Probe = {
    ...printing(''),
    program: (_argv, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  };
  await expect(run({ timeout: '20ms' }, probe)).rejects.toThrow('did not finish within 20 ms');
});

test.each([
  [{ command: 'psql -c x' }, 'must be a list: the program, then each of its arguments'],
  [{ command: [] }, 'is empty; must be a list: the program, then each of its arguments'],
  [{ command: [' '] }, 'must begin with a program'],
  [{ command: ['x', 3] }, 'must be text'],
  [{ exitCode: 256 }, 'must be a whole number from 0 to 255'],
])('refuses %j', (file, message) => {
  const { error } = commandCheck.schema.safeParse({ name: 'c', command: ['x'], ...file });
  expect(error?.issues[0]?.message).toBe(message);
});
