import type { LoadOutcome, Server } from './engine.ts';
import type { Restored, RunOptions } from './format.ts';

/**
 * Ends a restore in which everything was brought in, whatever the format: says so, and makes it durable.
 * @param onSealing is called before the latter. @throws what the server's seal throws.
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
