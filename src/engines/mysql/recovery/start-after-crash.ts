import { PassThrough } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { findRecoveredEnd, holdsGtid, unknown } from './find-recovered-end.ts';
import type { LogStart } from './log-start.ts';
import type { RecoveryLog } from './recovery-log.ts';

interface Crashed {
  /** The backup's key, for use in messages. */
  readonly key: string;
  /** Log of the server's start. */
  readonly log: RecoveryLog;
  /** Names of the binary logs in its data directory, see `Unpacked.usedLogs`. */
  readonly names: readonly string[];
}

/**
 * Finds the log position of a server that was started on a copy with crash recovery, see {@link findRecoveredEnd}, and checks it against the GTIDs that the
 * server itself found in the log, if any.
 * @throws DrillError `log-start-unknown`; what reading the log throws.
 */
export async function startAfterCrash(
  server: MysqlServer,
  sandbox: Sandbox,
  { key, log, names }: Crashed,
  signal: AbortSignal,
): Promise<LogStart> {
  const logs = { names, open: (name: string, bytes: number | undefined) => readFile(sandbox, name, bytes, signal) };
  const { start, last } = await findRecoveredEnd({ key, position: log.logStart, prepared: log.prepared, logs }, signal);
  const gtid = last?.gtid;
  if (gtid === undefined || server.flavor.type !== 'mariadb') return start;
  const [row] = await server.administer(signal, (session) => session.ask('SELECT @@GLOBAL.gtid_binlog_state'));
  const state = row?.[0] ?? '';
  if (state !== '' && !holdsGtid(state, gtid))
    throw unknown(key, `its server read the log up to GTID ${state}, and ${gtid} comes later in it`);
  return start;
}

/** A file of the data directory, or its first bytes. Leaving the loop early ends the reading. */
async function* readFile(
  sandbox: Sandbox,
  name: string,
  bytes: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const path = `${sandbox.paths.data}/${name}`;
  const argv = bytes === undefined ? ['cat', path] : ['head', '-c', String(bytes), path];
  const stdout = new PassThrough();
  const left = new AbortController();
  const reading = sandbox
    .exec(argv, { stdout, signal: AbortSignal.any([signal, left.signal]) })
    .then(({ exitCode }) => (exitCode === 0 ? undefined : unreadable(name, exitCode)))
    .catch((error: unknown) => error);
  try {
    for await (const chunk of stdout as AsyncIterable<Buffer>) yield chunk;
    const failure = await reading;
    if (failure !== undefined) throw failure;
  } finally {
    left.abort();
    await reading;
  }
}

function unreadable(name: string, exitCode: number): DrillError {
  return new DrillError('server-failed', `${name} cannot be read in the sandbox (exit code ${exitCode})`);
}
