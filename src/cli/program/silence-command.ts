import type { Command } from 'commander';
import { type Define, OK_OR_USAGE } from './define.ts';
import { label, tier } from './option-values.ts';

/** The options that select drills for a command. */
export function addChoice(command: Command): Command {
  return command
    .option('--all', 'every drill in the drills directory', false)
    .option('--tier <tier>', 'only drills of this tier', tier)
    .option('--owner <owner>', 'only drills of this owner')
    .option('--label <name=value>', 'only drills with this label; if repeated, drills that have all of them', label);
}

export interface Choice {
  all: boolean;
  tier?: number;
  owner?: string;
  label?: Record<string, string>;
}

/** The values of {@link addChoice}, each undefined if not given. */
export function toChoice({ all, tier, owner, label }: Choice) {
  return { all, tier, owner, label };
}

export function defineSilenceCommands({ add, addGroup, done, tools }: Define): void {
  const silence = addGroup('silence', 'windows of planned work, in which no alerts are sent about drills');
  const load = () => import('../commands/silence.ts');
  addChoice(
    add(
      'add [drills...]',
      'plan a window in which no alerts are sent about drills; drills that still fail at its end alert then',
      'firedrill silence add --label service=payments --from "2026-12-01 02:00" --for 4h --reason "storage migration"',
      OK_OR_USAGE,
      silence,
    ),
  )
    .option('--from <instant>', 'when it begins, in UTC or with an offset (default: now)')
    .option('--until <instant>', 'when it ends')
    .option('--for <duration>', 'how long it lasts, instead of --until: 4h, 2d')
    .option('--reason <text>', 'why; shown in lists, pages and reports')
    .option('--pause', 'also start no scheduled runs and no runs for new backups', false)
    .option('--json', 'one JSON object per line', false)
    .action(
      (
        drills: string[],
        options: Choice & {
          config?: string;
          from?: string;
          until?: string;
          for?: string;
          reason?: string;
          pause: boolean;
          json: boolean;
        },
      ) =>
        done(
          load().then(({ silenceAddCommand }) =>
            silenceAddCommand(tools, drills, {
              ...toChoice(options),
              config: options.config,
              from: options.from,
              until: options.until,
              for: options.for,
              reason: options.reason,
              pause: options.pause,
              json: options.json,
            }),
          ),
        ),
    );
  add('list', 'list current and upcoming silences', 'firedrill silence list', OK_OR_USAGE, silence)
    .option('--all', 'also those that ended within the last year', false)
    .option('--json', 'one JSON object per line', false)
    .action((options: { config?: string; all: boolean; json: boolean }) =>
      done(load().then(({ silenceListCommand }) => silenceListCommand(tools, { ...options, config: options.config }))),
    );
  add(
    'remove <ids...>',
    'end current silences, or cancel upcoming ones',
    'firedrill silence remove 3f9a1c22',
    OK_OR_USAGE,
    silence,
  ).action((ids: string[], options: { config?: string }) =>
    done(load().then(({ silenceRemoveCommand }) => silenceRemoveCommand(tools, ids, { config: options.config }))),
  );
}
