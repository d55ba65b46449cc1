import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { LoadOutcome } from '../../engine.ts';
import { finishRestore } from '../../finish-restore.ts';
import type { Restored, RunOptions } from '../../format.ts';
import { untilReady } from '../../server/server-process.ts';
import type { Product } from '../product.ts';
import { openClient } from '../server/client.ts';
import { type Keyspace, readKeyspace } from '../server/keyspace.ts';
import { RestoredServer } from '../server/restored-server.ts';
import { createAccounts, socketIn, startServer } from '../server/start-server.ts';

export interface Site {
  readonly sandbox: Sandbox;
  readonly product: Product;
  readonly version: string;
}

/** How files of one format are loaded. */
export interface FilesToLoad<Checked> {
  readonly kind: 'dump' | 'append-only';
  /** Runs the product's check tool while the server loads the files; its error takes precedence over the server's. */
  readonly checked: () => Promise<Checked>;
  /** Compares what the server loaded with the tool's result. */
  readonly judge: (checked: Checked, keyspace: Keyspace) => JudgedLoad;
  /** @param lines the server's log. @returns a better error if there is one, otherwise the same. */
  readonly explain: (error: unknown, lines: readonly string[]) => unknown;
}

export interface JudgedLoad extends Pick<LoadOutcome, 'warnings' | 'replayed'> {
  readonly listed: Keyspace;
  /** Names of the restored files, relative to the data directory. */
  readonly files: readonly string[];
}

/** Starts the server on staged files, and returns it once everything is loaded and judged. A server that fails is killed. */
export async function loadFiles<Checked>(
  { sandbox, product, version }: Site,
  { kind, checked, judge, explain }: FilesToLoad<Checked>,
  options: RunOptions,
  onSealing: () => void,
): Promise<Restored> {
  const { signal } = options;
  const accounts = createAccounts();
  const serverProcess = startServer(sandbox, product, accounts, kind);
  try {
    const ready = untilReady(serverProcess, sandbox, signal);
    ready.catch(() => undefined); // awaited below, after the check whose error explains more
    const found = await checked();
    await ready;
    const client = openClient({ sandbox, product, socket: socketIn(sandbox) }, accounts.harness);
    const { files, listed, ...rest } = judge(found, await readKeyspace(client, signal));
    const server = new RestoredServer({ sandbox, product, version, accounts, files, listed });
    options.onBooted(server);
    return await finishRestore(server, { database: '0', ...rest }, options, onSealing);
  } catch (error) {
    await serverProcess.kill();
    throw explain(error, serverProcess.lastLines);
  }
}
