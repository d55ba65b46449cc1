import { Option } from 'commander';
import { DAMAGES, type DamageName } from '../../support/vocabulary.ts';
import { type Define, EXIT_CODES } from './define.ts';
import { count, duration, runtimeOption } from './option-values.ts';

/** The command that tests a drill against damage. */
export function defineProveCommand({ add, done, tools }: Define): void {
  add(
    'prove <drill>',
    'damage a restored copy and the backup’s bytes to see what the drill catches',
    'firedrill prove orders',
    EXIT_CODES,
  )
    .addOption(
      new Option('--damage <kind...>', 'only these kinds of damage; the result does not count as the drill’s proof')
        .choices(DAMAGES)
        .conflicts('quick'),
    )
    .option('--quick', 'damage the restored copy only: one restore', false)
    .option('--places <count>', 'how many truncations and how many bit flips to try (default: 2)', count)
    .option('--seed <text>', 'draw the same places again (default: the run’s id)')
    .option(
      '--limit <duration>',
      'start no run on a damaged backup that would end after this time, such as 30m',
      duration,
    )
    .option('--over-budget', 'start it even if it would exceed the monthly budget (`limits.costPerMonth`)', false)
    .addOption(runtimeOption())
    .option('--json', 'one JSON object per line, each with a type', false)
    .action((drill: string, options: CommandOptions) =>
      done(
        import('../commands/prove.ts').then(({ proveCommand }) =>
          proveCommand(tools, drill, {
            ...options,
            config: options.config,
            runtime: options.runtime,
            damage: options.damage,
            seed: options.seed,
            places: options.places,
            limitMs: options.limit,
          }),
        ),
      ),
    );
}

interface CommandOptions {
  readonly config?: string;
  readonly damage?: DamageName[];
  readonly quick: boolean;
  readonly places?: number;
  readonly seed?: string;
  readonly limit?: number;
  readonly runtime?: string;
  readonly overBudget: boolean;
  readonly json: boolean;
}
