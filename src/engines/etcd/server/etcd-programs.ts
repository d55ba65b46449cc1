import type { ExecOptions, ExecResult, Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { findInServerDirs } from '../../server/program-path.ts';

/** A user of the restored server. */
export interface Account {
  readonly user: string;
  readonly password: string;
}

/** Sockets have names relative to this directory: their full paths may exceed the limit for sockets. */
const IN_DIRECTORY = 'cd "$1" && shift && exec "$@"';

/** `unix://NAME:PORT` is the file `NAME:PORT` in the directory where a program runs. */
export const CLIENT_URL = 'unix://client:0';
export const PEER_URL = 'unix://peer:0';

/** Longer than any run: slowness is left to the run's own deadline. */
const NO_LIMIT = '24h';

/** @returns the argv that runs one of etcd's programs in the directory with its socket. */
export function etcdArgv(sandbox: Sandbox, argv: readonly string[]): readonly string[] {
  return findInServerDirs(sandbox, ['sh', '-c', IN_DIRECTORY, 'etcd', sandbox.paths.data, ...argv]);
}

/** Environment in which `etcdctl` finds the server. The password is passed nowhere else. */
export function clientEnv(account: Account | undefined): Readonly<Record<string, string>> {
  return {
    ETCDCTL_API: '3',
    ETCDCTL_ENDPOINTS: CLIENT_URL,
    ETCDCTL_DIAL_TIMEOUT: '60s',
    ETCDCTL_COMMAND_TIMEOUT: NO_LIMIT,
    LC_ALL: 'C',
    ...(account && { ETCDCTL_USER: account.user, ETCDCTL_PASSWORD: account.password }),
  };
}

export function runEtcdctl(
  sandbox: Sandbox,
  argv: readonly string[],
  { account, ...options }: { account: Account | undefined } & Pick<ExecOptions, 'signal' | 'stdout' | 'stdin'>,
): Promise<ExecResult> {
  const signal = AbortSignal.any([options.signal, sandbox.gone]);
  return sandbox.exec(etcdArgv(sandbox, ['etcdctl', ...argv]), { ...options, signal, env: clientEnv(account) });
}

const FIND =
  'etcd --version || exit 127; for tool in etcdctl etcdutl; do command -v "$tool" >/dev/null || { echo "$tool" >&2; exit 127; }; done';

/**
 * @returns the server's version: `3.5.16`.
 * @throws DrillError `tool-missing` if the sandbox lacks the server, its client or its tool.
 */
export async function findPrograms(sandbox: Sandbox, signal: AbortSignal): Promise<string> {
  const { stdout, stderr } = await sandbox.exec(findInServerDirs(sandbox, ['sh', '-c', FIND]), { signal });
  const version = /^etcd Version: (\d+\.\d+\.\d+)/m.exec(stdout)?.[1];
  const missing = /^(etcdctl|etcdutl)$/m.exec(stderr)?.[1] ?? (version === undefined ? 'etcd' : undefined);
  if (version !== undefined && missing === undefined) return version;
  throw new DrillError('tool-missing', `${sandbox.provenance.name} has no ${missing}`, {
    hint: 'Name an image with etcd, etcdctl, etcdutl (etcd 3.5 or later) and a shell in `engine.image`, see docs/etcd.md.',
  });
}
