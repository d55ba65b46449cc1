import { expect, it } from 'vitest';
import {
  excerptOf,
  fatalError,
  type LoadingServer,
} from '../../../../src/engines/postgres/loading/statement-errors.ts';
import { DrillError } from '../../../../src/support/errors.ts';

it.each([
  [
    "ALTER ROLE app WITH LOGIN PASSWORD 'SCRAM-SHA-256$4096:x' VALID UNTIL 'infinity'",
    "ALTER ROLE app WITH LOGIN PASSWORD '…' VALID UNTIL '…' …",
  ],
  [
    "CREATE USER MAPPING FOR app SERVER s OPTIONS (password 'it''s', \"user\" 'u')",
    `CREATE USER MAPPING FOR app SERVER s OPTIONS (password '…', "user" '…') …`,
  ],
  ["CREATE SUBSCRIPTION s CONNECTION 'host=db password=hunter2", "CREATE SUBSCRIPTION s CONNECTION '…' …"],
])('quotes no secrets from %j', (statement, excerpt) => {
  expect(excerptOf(Buffer.from(statement))).toBe(excerpt);
});

it('quotes other statements unchanged', () => {
  expect(excerptOf(Buffer.from("COMMENT ON TABLE t IS 'orders'"))).toBe("COMMENT ON TABLE t IS 'orders'");
});

const STATEMENT = { bytes: Buffer.from('SELECT stop_it()'), line: 7 };
const lostSession = (code: string) => Object.assign(new Error('terminating connection'), { code });

/** Error code for a session lost on a server that does or does not accept new sessions, and has or has not ended. */
async function codeOfLoss(code: string, server: { takesSessions: boolean; hasEnded: boolean }) {
  const loading: LoadingServer = {
    explainLoss: () => Promise.resolve(new DrillError('server-failed', 'the server went away')),
    takesSessions: () => Promise.resolve(server.takesSessions),
    serverProcess: { hasEnded: server.hasEnded },
  };
  return (await fatalError(loading, lostSession(code), new AbortController().signal, STATEMENT))?.code;
}

it.each([
  ['57P01', { takesSessions: true, hasEnded: false }, 'restore-failed'],
  ['57P01', { takesSessions: false, hasEnded: false }, 'server-failed'],
  ['ECONNRESET', { takesSessions: true, hasEnded: false }, 'restore-failed'],
  ['ECONNRESET', { takesSessions: false, hasEnded: true }, 'server-failed'],
  ['ECONNRESET', { takesSessions: false, hasEnded: false }, 'server-failed'],
] as const)('a session lost with %s on a server that %j is %s', async (code, server, expected) => {
  expect(await codeOfLoss(code, server)).toBe(expected);
});
