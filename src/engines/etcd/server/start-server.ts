import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { ServerLogPatterns } from '../../server/server-process.ts';
import { ServerProcess } from '../../server/server-process.ts';
import { CLIENT_URL, etcdArgv, PEER_URL } from './etcd-programs.ts';

/** The only member of its cluster: its name, and its data directory relative to the sandbox's. */
export const MEMBER = 'firedrill';
export const DATA = 'member-data';

const PATTERNS: ServerLogPatterns = {
  ready: /ready to serve client requests/,
  diskFull: /no space left on device/i,
  outOfMemory: /cannot allocate memory|out of memory/i,
  damaged:
    /(?:invalid page type|page \d+ already freed|assertion failed|freepages|unexpected fault address|invalid freelist|failed to (?:restore|recover|unmarshal|open) ?[^"]*(?:store|backend|database|lease|member)[^"]*).*/i,
  noise: /"level":"(?:info|debug)"(?!.*ready to serve)/,
};

/**
 * Starts the only member on the restored data. No other member can reach it: both of its sockets are files in the sandbox's own directory. Nothing is compacted
 * or defragmented, and no quota rejects reads. Passwords are used for this run only, so they need no slow hashes.
 */
export function startServer(sandbox: Sandbox): ServerProcess {
  const options = [
    `--name=${MEMBER}`,
    `--data-dir=${DATA}`,
    `--listen-client-urls=${CLIENT_URL}`,
    `--advertise-client-urls=${CLIENT_URL}`,
    `--listen-peer-urls=${PEER_URL}`,
    '--quota-backend-bytes=-1',
    '--bcrypt-cost=4',
    '--log-level=info',
  ];
  return new ServerProcess(
    sandbox,
    etcdArgv(sandbox, ['sh', '-c', 'exec "$@" >&2', 'start', 'etcd', ...options]),
    PATTERNS,
  );
}
