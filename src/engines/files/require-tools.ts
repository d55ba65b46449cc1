import type { Sandbox } from '../../sandbox/sandbox.ts';
import { DrillError } from '../../support/errors.ts';

/** @throws DrillError `tool-missing` naming those that the sandbox lacks. */
export async function requireTools(
  sandbox: Pick<Sandbox, 'exec' | 'provenance'>,
  tools: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const script = 'for tool; do command -v "$tool" > /dev/null || printf "%s\\n" "$tool"; done';
  const { stdout } = await sandbox.exec(['sh', '-c', script, 'find-tools', ...tools], { signal });
  const missing = stdout.split('\n').filter((tool) => tools.includes(tool));
  if (missing.length === 0) return;
  throw new DrillError('tool-missing', `${sandbox.provenance.name} lacks ${missing.join(', ')}`, {
    hint: `Set \`engine.image\` to an image that has ${missing.length === 1 ? 'it' : 'them'}, such as debian:13 with the packages of docs/files.md.`,
  });
}
