import type { Connection, ExecResult, Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import type { CommandAccess } from '../../command-access.ts';
import type { Inventory, ProgramOptions, Server } from '../../engine.ts';
import { syncFiles, writeClientFile } from '../../server/client-file.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { Product } from '../product.ts';
import { openClient } from './client.ts';
import { type Keyspace, readDatabases } from './keyspace.ts';
import { type Accounts, socketIn } from './start-server.ts';

export interface RestoredParts {
  readonly sandbox: Sandbox;
  readonly product: Product;
  readonly version: string;
  readonly accounts: Accounts;
  /** Names of the restored files, relative to the data directory. */
  readonly files: readonly string[];
  /** What the server loaded. */
  readonly listed: Keyspace;
}

/** A server that has loaded a backup. */
export class RestoredServer implements Server {
  readonly version: string;
  readonly connection: Connection = { kind: 'stream', open: () => Promise.reject(hasNoSocketHere()) };
  readonly commands: CommandAccess;
  private readonly parts: RestoredParts;

  constructor(parts: RestoredParts) {
    this.parts = parts;
    this.version = parts.version;
    const { sandbox, product } = parts;
    this.commands = openClient({ sandbox, product, socket: socketIn(sandbox) }, parts.accounts.check);
  }

  /** The client reads the password from a file that only the server's user can read. */
  async prepareClient(signal: AbortSignal): Promise<readonly string[]> {
    const { sandbox, product, accounts } = this.parts;
    const { user, password } = accounts.check;
    const run = await writeClientFile(sandbox, { name: 'client', env: { REDISCLI_AUTH: password } }, signal);
    return [...run, product.client, '-s', socketIn(sandbox), '--user', user];
  }

  /** The server would start from the restored file again, so only that must be on disk. */
  async seal(signal: AbortSignal): Promise<void> {
    const { sandbox, files } = this.parts;
    const paths = files.map((name) => `${sandbox.paths.data}/${name}`);
    await syncFiles(sandbox, paths, signal);
  }

  runProgram(argv: readonly string[], { stdout, signal }: ProgramOptions): Promise<ExecResult> {
    const { sandbox, accounts } = this.parts;
    const env = { REDISCLI_AUTH: accounts.check.password, LC_ALL: 'C' };
    return sandbox.exec(findInServerDirs(sandbox, argv), { ...(stdout && { stdout }), env, signal });
  }

  /** Every database that was loaded must return a key, unless all of its keys may have expired meanwhile; at least one database must. */
  async verifyInventory(signal: AbortSignal): Promise<Inventory> {
    const ask = async (database: string, ...command: readonly string[]) =>
      (await this.commands.run(command, { database, maxBytes: 2 ** 20, signal })).text;
    const { databases, loaded } = this.parts.listed;
    const now = readDatabases(await ask('0', 'INFO', 'keyspace'));
    // the client prints the same for an empty name as for no key
    const answers = async (database: string) =>
      now.has(database) && ((await ask(database, 'RANDOMKEY')) !== '' || (await ask(database, 'EXISTS', '')) === '1');
    let read = 0;
    for (const [database, { lasting }] of databases) {
      if (await answers(database)) read += 1;
      else if (lasting > 0)
        throw new DrillError(
          'wrong-data',
          `database ${database} had keys without an expiry when it was loaded (${lasting}), and now answers with none`,
        );
    }
    if (read > 0) return { of: 'keys', listed: loaded, read };
    throw new DrillError(
      'wrong-data',
      `all ${loaded} keys that the server loaded have expired since: the recovered server is empty`,
      { hint: 'Drill the backup before its keys expire, or back up data that outlives its backup.' },
    );
  }
}

function hasNoSocketHere(): DrillError {
  return new DrillError('internal', 'the restored server can be reached only in its sandbox');
}
