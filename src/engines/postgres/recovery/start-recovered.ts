import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { ServerProcess } from '../../server/server-process.ts';
import { BootedPostgres } from '../server/booted-postgres.ts';
import { quoteIdentifier, quoteLiteral } from '../server/dump-names.ts';
import { restartServer } from '../server/seal.ts';
import { POSTGRES_SIGNS } from '../server/server-log-patterns.ts';
import { serverArguments } from '../server/settings.ts';
import type { RecoverySite } from './recovery-site.ts';
import type { Rescued } from './replay.ts';

/**
 * Gives the harness an account in a recovered data directory, flushes it, and starts a durable server on it. Single-user mode works whatever the superuser's
 * name and the authentication rules there; and it runs no triggers and no role settings.
 * @param reading of the log, which must be finished before the durable server may write to its files.
 */
export async function startRecovered(
  { sandbox, tool, boot }: RecoverySite,
  rescued: Rescued | undefined,
  reading: Promise<unknown>,
  signal: AbortSignal,
): Promise<BootedPostgres> {
  const user = `firedrill_${randomBytes(4).toString('hex')}`;
  const [password, checkPassword] = [randomBytes(24).toString('hex'), randomBytes(24).toString('hex')];
  const settings = serverArguments(sandbox, Number(tool.major), 'load', boot);
  const argv = [`${tool.dir}/postgres`, '--single', '-D', sandbox.paths.data, ...settings];
  const stopped = new ServerProcess(sandbox, ['true'], POSTGRES_SIGNS); // no server runs until the restart
  const statements = [
    `CREATE ROLE ${quoteIdentifier(user)} LOGIN SUPERUSER PASSWORD ${quoteLiteral(password)}`,
    'CREATE DATABASE postgres', // fails where it exists
    "UPDATE pg_database SET datallowconn = true, datconnlimit = -1 WHERE datname = 'postgres'",
    // recovery may have stopped after PostgreSQL marked the database to be dropped; its files are still complete
    ...(rescued ? [`UPDATE pg_database SET datconnlimit = -1 WHERE oid = ${rescued.oid} AND datconnlimit = -2`] : []),
  ];
  const { exitCode, stderr } = await sandbox.exec([...argv, ...SINGLE, 'template1'], {
    stdin: Readable.from([statements.map((statement) => `${statement}\n`).join('')]),
    signal,
    env: { LC_ALL: 'C' },
  });
  if (exitCode !== 0) {
    throw new DrillError(
      'restore-failed',
      `the recovered server cannot be started in single-user mode (exit code ${exitCode})`,
      {
        hint: 'Read the last lines of its log above.',
        details: stderr.split('\n').filter(Boolean).slice(-8),
      },
    );
  }
  const server = new BootedPostgres(
    {
      sandbox,
      connection: sandbox.connect(`${sandbox.paths.run}/.s.PGSQL.5432`),
      tool,
      version: tool.version,
      user,
      password,
      options: boot,
      serverProcess: stopped,
    },
    checkPassword,
  );
  await Promise.all([reading, stopped.ended]);
  await restartServer(server, 'serve', signal);
  return server;
}

const SINGLE = ['-c', 'password_encryption=scram-sha-256', '-c', 'log_min_messages=fatal', '-c', 'wal_recycle=off'];
