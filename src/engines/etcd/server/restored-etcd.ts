import type { Connection, ExecResult, Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { CommandAccess } from '../../command-access.ts';
import type { Inventory, ProgramOptions, Server } from '../../engine.ts';
import { syncFiles, writeClientFile } from '../../server/client-file.ts';
import { countKeys } from './ask-server.ts';
import { checkCommands } from './check-commands.ts';
import { type Account, clientEnv, etcdArgv } from './etcd-programs.ts';
import { DATA } from './start-server.ts';

export interface EtcdParts {
  readonly sandbox: Sandbox;
  readonly version: string;
  /** Can read every key, and do nothing else. */
  readonly check: Account;
  /** The snapshot's revision, and the number of keys at it. */
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
    const env = clientEnv(check);
    const file = { name: 'client-env', directory: sandbox.paths.data, env };
    return [...(await writeClientFile(sandbox, file, signal)), 'etcdctl'];
  }

  async seal(signal: AbortSignal): Promise<void> {
    const { sandbox } = this.parts;
    await syncFiles(sandbox, ['-f', `${sandbox.paths.data}/${DATA}`], signal);
  }

  runProgram(argv: readonly string[], { stdout, signal }: ProgramOptions): Promise<ExecResult> {
    const { sandbox, check } = this.parts;
    return sandbox.exec(etcdArgv(sandbox, argv), { ...(stdout && { stdout }), env: clientEnv(check), signal });
  }

  /** Runs as the check user, who must see every key. The hash of all keys was compared when they were loaded. */
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

function hasNoSocketHere(): DrillError {
  return new DrillError('internal', 'the restored server can be reached only in its sandbox');
}
