import type { SourceSpec } from '../backup/registry.ts';
import { ENGINE_TYPES } from '../engines/registry.ts';
import { type LoadOptions, readDrillText } from './load-drills.ts';
import type { Problem } from './problem.ts';

/**
 * Reads a source from outside a drill like a drill's `backup.source`: through a drill with an arbitrary engine, so that it has the same meaning.
 * @param file absolute; base of relative paths.
 * @returns problems with keys such as `backup.source.endpoint`.
 */
export async function parseSource(
  source: unknown,
  file: string,
  options: Pick<LoadOptions, 'cwd' | 'env' | 'redactor'>,
): Promise<{ readonly spec: SourceSpec | undefined; readonly problems: readonly Problem[] }> {
  const drill = {
    name: 'discover',
    backup: { source, match: '**' },
    engine: { type: ENGINE_TYPES[0] },
    objectives: { rto: '1h' },
    checks: [{ name: 'none', sql: 'select 1', expect: 1 }],
  };
  const read = await readDrillText(file, JSON.stringify(drill), options);
  return { spec: read.problems.length > 0 ? undefined : read.drill?.backup.source, problems: read.problems };
}
