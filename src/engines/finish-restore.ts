import type { LoadOutcome, Server } from './engine.ts';
import type { Restored, RunOptions } from './format.ts';

/**
 * Ends a restore once everything is loaded, whatever the format: reports that, and makes the data durable.
 * @param onSealing called before it is made durable. @throws what the server's seal throws.
 */
export async function finishRestore(
  server: Server,
  found: Pick<LoadOutcome, 'database' | 'warnings' | 'replayed'>,
  { onLoaded, signal }: Pick<RunOptions, 'onLoaded' | 'signal'>,
  onSealing: () => void,
): Promise<Restored> {
  const outcome: LoadOutcome = { ...found, errorCount: 0, errors: [], ignoredCount: 0 };
  onLoaded(outcome);
  onSealing();
  await server.seal(signal);
  return { server, outcome };
}
