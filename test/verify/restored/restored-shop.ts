import type { Server } from '../../../src/engines/engine.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { openSessionPool, type SessionPool } from '../../../src/verify/session-pool.ts';
import type { EngineUnderTest } from '../../contracts/engine-contract.ts';
import { NO_PHASES } from '../../engines/logical.ts';
import { bytesContent } from '../../support/fake-content.ts';

const never = new AbortController().signal;

/** A database restored from a dump of these statements, for the checks of all kinds. */
export interface RestoredShop extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly server: Server;
  readonly database: string;
  readonly pool: SessionPool;
}

export async function restoreShop(subject: EngineUnderTest, statements: readonly string[]): Promise<RestoredShop> {
  const sandbox = await subject.startSandbox();
  try {
    const content = bytesContent(Buffer.from(`${subject.dumpOf(statements)}${subject.lastLine}\n`), 'shop.sql');
    const backup = await subject.engine.inspect(content, never);
    const context = { phases: NO_PHASES, onBooted: () => undefined, signal: never };
    const boot = { durability: 'relaxed', memoryBytes: 1024 * 2 ** 20, cpus: 2, preload: [], settings: {} } as const;
    const restoration = await backup.provision(sandbox, { ...context, boot });
    const { server, outcome } = await restoration.run({
      ...context,
      jobs: 2,
      database: 'shop',
      ignoreErrors: [],
      onLoaded: () => undefined,
      onProgress: () => undefined,
    });
    if (outcome.errorCount > 0) throw new Error(outcome.errors.join('\n'));
    const pool = openSessionPool(server, { defaultDatabase: outcome.database, sandbox, cpus: 2, signal: never });
    return {
      sandbox,
      server,
      database: outcome.database,
      pool,
      [Symbol.asyncDispose]: async () => {
        await pool[Symbol.asyncDispose]();
        await sandbox.dispose();
      },
    };
  } catch (error) {
    await sandbox.dispose();
    throw error;
  }
}
