import type { RunRecord } from '../../record/run-record.ts';
import { formatProof } from '../proof-text.ts';
import { painter } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { type RunOptions, runCommand } from './run.ts';

export type ProveOptions = Pick<RunOptions, 'config' | 'runtime'> & { readonly json: boolean };

/**
 * `firedrill prove`: a run, after whose checks the restored copy is damaged in several ways, one at a time and each rolled back, to see whether the
 * checks notice. @returns the run's exit code: damage that goes unseen is a finding about the checks, not about recovery.
 */
export async function proveCommand(tools: Toolbox, drill: string, options: ProveOptions): Promise<number> {
  const runs: RunRecord[] = [];
  const code = await runCommand(tools, [drill], {
    ...{
      all: false,
      backup: undefined,
      to: undefined,
      keepMs: undefined,
      as: undefined,
      junit: undefined,
      summary: undefined,
    },
    config: options.config,
    runtime: options.runtime,
    format: options.json ? 'json' : 'text',
    prove: true,
    onRecorded: (recorded) => runs.push(...recorded),
  });
  if (!options.json) {
    const paint = painter(tools.io, tools.io.stdout);
    for (const run of runs) tools.io.stdout.write(`${['', ...formatProof(run, paint)].join('\n')}\n`);
  }
  return code;
}
