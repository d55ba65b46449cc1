import type { Connection, ExecResult, Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { CommandAccess } from '../../command-access.ts';
import type { Inventory, ProgramOptions, Server } from '../../engine.ts';
import { countKeys } from './ask-server.ts';
import { checkCommands } from './check-commands.ts';
import { type Account, clientEnv, etcdArgv } from './etcd-programs.ts';
import { DATA } from './start-server.ts';

export interface EtcdParts {
  readonly sandbox: Sandbox;
  readonly version: string;
  /** May read every key, and nothing else. */
  readonly check: Account;
  /** Of the snapshot, and how many keys it has then. */
  readonly revision: number;
  readonly keys: number;
}

/** A member that serves a restored snapshot. */
export class RestoredEtcd implements Server {
  readonly version: string;
  readonly connection: Connection = { kind: 'stream', open: () => Promise.reject(hasNoSocketHere()) };
  readonly commands: CommandAccess;
  private readonly parts: EtcdParts;

  constructor(parts: EtcdParts) {
    this.parts = parts;
    this.version = parts.version;
    this.commands = checkCommands(parts.sandbox, parts.check, parts.revision);
  }

  /** The client reads the password from a file that only the server's user can read. */
  async prepareClient(signal: AbortSignal): Promise<readonly string[]> {
    const { sandbox, check } = this.parts;
    const path = `${sandbox.paths.data}/client-env`;
    const lines = Object.entries(clientEnv(undefined)).map(([name, value]) => `${name}=${value} `);
    const write =
      'umask 077; printf \'cd "%s" && %sETCDCTL_USER=%s ETCDCTL_PASSWORD=%s exec "$@"\\n\' "$2" "$3" "$4" "$PASSWORD" > "$1"';
    const argv = ['sh', '-c', write, 'write', path, sandbox.paths.data, lines.join(''), check.user];
    const { exitCode, stderr } = await sandbox.exec(argv, { env: { PASSWORD: check.password }, signal });
    if (exitCode !== 0) throw unwritten('the client’s file', stderr);
    return [...sandbox.shellCommand, 'sh', path, 'etcdctl'];
  }

  async seal(signal: AbortSignal): Promise<void> {
    const { sandbox } = this.parts;
    const { exitCode, stderr } = await sandbox.exec(['sync', '-f', `${sandbox.paths.data}/${DATA}`], { signal });
    if (exitCode !== 0) throw unwritten('the restored data', stderr);
  }

  runProgram(argv: readonly string[], { stdout, signal }: ProgramOptions): Promise<ExecResult> {
    const { sandbox, check } = this.parts;
    return sandbox.exec(etcdArgv(sandbox, argv), { ...(stdout && { stdout }), env: clientEnv(check), signal });
  }

  /** As the user of checks, who must see every key. The hash of all of them was compared when they were loaded. */
  async verifyInventory(signal: AbortSignal): Promise<Inventory> {
    const { sandbox, check, revision, keys } = this.parts;
    const { keys: now } = await countKeys({ sandbox, account: check, signal }, revision);
    if (now === keys) return { of: 'keys', listed: keys, read: now };
    throw new DrillError(
      'wrong-data',
      `the snapshot has ${formatCount(keys)} keys at revision ${revision}, and the server answers with ${formatCount(now)}`,
    );
  }
}

function unwritten(what: string, stderr: string): DrillError {
  return new DrillError('server-failed', `${what} could not be written to the disk`, { details: [stderr] });
}

function hasNoSocketHere(): DrillError {
  return new DrillError('internal', 'the restored server is reached in its sandbox only');
}
