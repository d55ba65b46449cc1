import type { CheckSpec } from '../verify/registry.ts';
import { baselineDefaults } from './baseline-schema.ts';
import type { DrillFile } from './drill-schema.ts';
import { formatKey } from './problem.ts';
import type { References } from './references.ts';

/** @returns the checks written in the drill, except those that cannot be resolved, which have been reported. */
export function resolveChecks(
  { checks: files, baseline }: Pick<DrillFile, 'checks' | 'baseline'>,
  references: References,
  report: (path: readonly PropertyKey[], message: string) => void,
): CheckSpec[] {
  const defaults = baselineDefaults(baseline);
  const checks: CheckSpec[] = [];
  for (const [index, check] of files.entries()) {
    const firstIndex = files.findIndex((other) => other.name === check.name);
    if (firstIndex < index)
      report(
        ['checks', index, 'name'],
        `${JSON.stringify(check.name)} is also the name of checks[${firstIndex}]; names must be unique`,
      );
    const resolved = check.resolve({
      defaults,
      textOf: (path) => references.checkTexts.get(formatKey(['checks', index, ...path])),
      report: (path, message) => report(['checks', index, ...path], message),
    });
    if (resolved) checks.push(resolved);
  }
  if (defaults.maxIncrease !== undefined && !checks.some(({ kind }) => kind === 'latency'))
    report(['baseline', 'latency'], 'compares nothing: the drill has no check of kind latency');
  return checks;
}
