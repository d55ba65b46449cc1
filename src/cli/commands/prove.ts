import type { RunRecord } from '../../record/run-record.ts';
import { DEFAULT_PLACES } from '../../run/prove/prove-request.ts';
import { EXIT } from '../../support/errors.ts';
import { DAMAGES, DATA_DAMAGES, type DamageName } from '../../support/vocabulary.ts';
import { formatProof } from '../proof-text.ts';
import { painter } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { type RunOptions, runCommand } from './run.ts';

export interface ProveOptions extends Pick<RunOptions, 'config' | 'runtime' | 'overBudget'> {
  readonly json: boolean;
  /** undefined: all. */
  readonly damage: readonly DamageName[] | undefined;
  /** Whether to damage only the restored copy. */
  readonly quick: boolean;
  readonly seed: string | undefined;
  readonly places: number | undefined;
  /** Total time limit for damage to the bytes that are read; undefined: unlimited. */
  readonly limitMs: number | undefined;
}

/**
 * `firedrill prove`: a run that, after its checks, damages the restored copy and then the backup's bytes in several ways, to see whether the drill notices.
 * @returns the run's exit code: undetected damage is a finding about the checks, not about recovery.
 */
export async function proveCommand(tools: Toolbox, drill: string, options: ProveOptions): Promise<number> {
  const runs: RunRecord[] = [];
  const { damage, quick, seed, places = DEFAULT_PLACES } = options;
  const kinds = new Set(damage ?? (quick ? DATA_DAMAGES : DAMAGES));
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
    overBudget: options.overBudget ?? false,
    format: options.json ? 'json' : 'text',
    prove: { kinds, seed, places, limitMs: options.limitMs, isPartial: damage !== undefined },
    onRecorded: (recorded) => runs.push(...recorded),
  });
  if (!options.json) {
    const paint = painter(tools.io, tools.io.stdout);
    for (const run of runs) tools.io.stdout.write(`${['', ...formatProof(run, paint)].join('\n')}\n`);
  }
  return tools.io.interrupt.aborted ? EXIT.interrupted : code;
}
