import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { compareSeries } from '../../../support/versions.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import { LocalProgram } from './local-program.ts';
import { OLDEST_LOCAL } from './oldest-local.ts';
import type { ClickHouseProgram } from './program.ts';
import { ServerProgram } from './server-program.ts';

/** `clickhouse-local`, or a server if its version is too old. @throws DrillError `tool-missing`, and what starting the server throws. */
export async function openProgram(sandbox: Sandbox, signal: AbortSignal): Promise<ClickHouseProgram> {
  const argv = findInServerDirs(sandbox, ['clickhouse-client', '--version']);
  const { exitCode, stdout } = await sandbox.exec(argv, { env: { LC_ALL: 'C' }, signal });
  const version = exitCode === 0 ? /\bversion (\d+\.\d+[\d.]*\d)/.exec(stdout)?.[1] : undefined;
  if (version === undefined || compareSeries(version, OLDEST_LOCAL) >= 0) return LocalProgram.open(sandbox, signal);
  return ServerProgram.open(sandbox, version, signal);
}
