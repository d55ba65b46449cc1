import { expect, it } from 'vitest';
import { checkSchema } from '../../../../src/config/check-schema.ts';
import { httpCheck } from '../../../../src/verify/kinds/http/http-check.ts';
import { describeExpected, type ExpectedAnswer, judgeAnswer } from '../../../../src/verify/kinds/http/judge-answer.ts';
import { fillIn } from '../../../../src/verify/kinds/http/placeholders.ts';
import { fakeContext, resultOf } from '../../fake-pool.ts';

const context = { takenAt: new Date('2026-11-21T03:00:00Z') };
const login = { host: '127.0.0.1', port: 5432, user: 'app', password: 'p/w', database: 'my shop' };

const file = {
  name: 'the shop opens',
  http: '/health?deep=1',
  image: 'shop:1',
  env: { URL: 'postgres://{user}:{password}@{host}:{port}/{database}' },
  port: 3000,
};

/** @returns the check, and messages about what is wrong with it. */
function read(changes: Record<string, unknown>) {
  const messages: string[] = [];
  const spec = checkSchema
    .parse({ ...file, ...changes })
    .resolve({ textOf: () => undefined, report: (path, message) => messages.push(`${path.join('.')} ${message}`) });
  if (spec?.kind !== 'http') throw new Error('not of this kind');
  return { spec, messages };
}

it('runs last, and requires that the application receives its login', () => {
  const { spec, messages } = read({});
  expect([httpCheck.turnOf?.(spec, { isPhysical: false, lastCommitAt: undefined }), httpCheck.images?.(spec)]).toEqual([
    'last',
    ['shop:1'],
  ]);
  expect(messages).toEqual([]);
  expect(read({ env: { HOST: '{host}' } }).messages).toEqual([
    'env has no {user} and {password}, so the application could not reach the restored database',
  ]);
});

it.each([
  [{ http: 'health' }, /must be a path such as/],
  [{ http: '/a b' }, /must be a path such as/],
  [{ env: { A: '$' + '{SECRET}' } }, /is not replaced here/],
  [{ json: { orders: 1 } }, /must be a JSON pointer/],
  [{ memory: '1m' }, /too little/],
])('refuses %j', (changes, message) => {
  expect(JSON.stringify(checkSchema.safeParse({ ...file, ...changes }).error?.issues)).toMatch(message);
});

it('fills in the login, encoded only in URLs', () => {
  const jdbc = 'jdbc:postgresql://{host}/{database}?user={user}';
  const env = { URL: file.env.URL, JDBC: jdbc, PASSWORD: '{password}', OTHER: '{"a": "{x}"}' };
  expect(fillIn(env, login)).toEqual({
    URL: 'postgres://app:p%2Fw@127.0.0.1:5432/my%20shop',
    JDBC: 'jdbc:postgresql://127.0.0.1/my%20shop?user=app',
    PASSWORD: 'p/w',
    OTHER: '{"a": "{x}"}',
  });
});

const ok: ExpectedAnswer = { status: 200, expect: undefined, json: [] };
const atLeast2 = { kind: 'min', value: 2 } as const;

it.each<[string, ExpectedAnswer, number, string, boolean, string]>([
  ['the status', ok, 200, '', true, 'status 200'],
  ['another status', ok, 302, '', false, 'status 302'],
  ['a body', { ...ok, expect: { kind: 'equals', value: 'ok' } }, 200, 'ok\n', true, 'status 200'],
  ['another body', { ...ok, expect: { kind: 'equals', value: 'ok' } }, 200, 'no', false, "status 200, body 'no'"],
  ['no body', { ...ok, expect: { kind: 'equals', value: 'ok' } }, 200, '', false, 'status 200, body no output'],
  ['a value', { ...ok, json: [['/a/1/b~1c', atLeast2]] }, 200, '{"a":[0,{"b/c":3}]}', true, 'status 200'],
  ['a value too small', { ...ok, json: [['/a', atLeast2]] }, 200, '{"a":1}', false, 'status 200, /a 1'],
  ['no such value', { ...ok, json: [['/toString', atLeast2]] }, 200, '{}', false, 'status 200, /toString missing'],
  ['null', { ...ok, json: [['/a', atLeast2]] }, 200, '{"a":null}', false, 'status 200, /a no value'],
  ['a page', { ...ok, json: [['/a', atLeast2]] }, 200, '<html>', false, 'status 200, and the body is not JSON'],
])('judges %s', (_what, wanted, status, body, passed, actual) => {
  expect(judgeAnswer({ status, body }, wanted, context)).toEqual({ passed, actual });
});

it('describes everything that it expects', () => {
  expect(describeExpected({ ...ok, expect: { kind: 'equals', value: 'ok' }, json: [['/n', atLeast2]] }, context)).toBe(
    "status 200, body 'ok', /n at least 2",
  );
});

it('is malformed in a sandbox that cannot start applications', async () => {
  await expect(
    httpCheck.run(
      read({}).spec,
      fakeContext(async () => resultOf()),
    ),
  ).rejects.toMatchObject({
    code: 'check-malformed',
    message: 'this sandbox cannot start an application',
  });
});
