import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatBytes, formatCount } from '../../../support/quantities.ts';
import { NO_VERSION } from '../../../support/versions.ts';
import type { Inventory, Server } from '../../engine.ts';
import type { RestoredTree } from '../site.ts';
import { restoredTree } from './restored-tree.ts';

export interface RestoredPlace {
  readonly sandbox: Sandbox;
  readonly directory: string;
  /** Names the backup in errors. */
  readonly key: string;
  readonly restored: Pick<RestoredTree, 'files' | 'bytes'>;
}

/** Restored files without a server: none of them is executed, and only programs in the sandbox read them. */
export function filesServer(place: RestoredPlace): Server {
  const { sandbox, directory } = place;
  const files = restoredTree(sandbox, directory);
  return {
    version: NO_VERSION,
    connection: sandbox.connect(`${sandbox.paths.run}/none`),
    prepareClient: async () => [...sandbox.shellCommand],
    // flushes restored data to disk, which counts as recovery
    seal: async (signal) => {
      await sandbox.exec(['sync', '-f', directory], { signal });
    },
    runProgram: (argv, { stdout, signal }) => files.run(argv, { signal, ...(stdout && { stdout }) }),
    verifyInventory: (signal) => verifyInventory(place, files, signal),
    files,
  };
}

/** Compares the number and size of the restored files with what the backup states; a folder without files does not count as a recovery. */
async function verifyInventory(
  { key, restored }: RestoredPlace,
  files: ReturnType<typeof restoredTree>,
  signal: AbortSignal,
): Promise<Inventory> {
  let count = 0;
  let bytes = 0;
  for await (const { kind, sizeBytes } of files.list('', signal)) {
    if (kind !== 'file') continue;
    count += 1;
    bytes += sizeBytes;
  }
  if (count === 0) throw wrong(`no file was restored from ${key}`);
  const { files: listed = count, bytes: listedBytes = bytes } = restored;
  if (listed !== count) {
    throw wrong(`${key} lists ${formatCount(listed)} files, but ${formatCount(count)} are there after the restore`);
  }
  if (listedBytes !== bytes) {
    throw wrong(`${key} lists ${formatBytes(listedBytes)}, but ${formatBytes(bytes)} are there after the restore`);
  }
  return { of: 'files', listed, read: count };
}

function wrong(message: string): DrillError {
  return new DrillError('wrong-data', message, {
    hint: 'Compare the backup job’s log with what it should have saved, and restore the backup by hand.',
  });
}
