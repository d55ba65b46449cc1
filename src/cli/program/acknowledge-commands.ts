import type { AcknowledgementKind } from '../../support/vocabulary.ts';
import type { Define } from './define.ts';
import { duration } from './option-values.ts';
import { addChoice, type Choice, toChoice } from './silence-command.ts';

/** Commands for acknowledging problems. */
export function defineAcknowledgeCommands(define: Define): void {
  defineOne(define, 'acknowledged', {
    name: 'ack',
    description: 'acknowledge a drill’s problem: stops reminders until it is over or changes',
    example: 'firedrill ack orders --reason "new disks come on Monday"',
    until: 'remind again after this time: 3d (default: only once it is over)',
  });
  defineOne(define, 'snoozed', {
    name: 'snooze',
    description: 'send nothing about drills for a while; they still run, and lists show them',
    example: 'firedrill snooze --owner payments --for 4h --reason "storage migration"',
    until: 'for how long: 4h, 3d',
  });
}

interface Words {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  readonly until: string;
}

function defineOne(
  { add, done, tools }: Define,
  kind: AcknowledgementKind,
  { name, description, example, until }: Words,
): void {
  addChoice(add(`${name} [drills...]`, description, example))
    .option('--reason <text>', 'why; shown in lists, pages and reports')
    .option('--for <duration>', until, duration)
    .option('--end', 'remove the acknowledgement', false)
    .option('--json', 'one JSON object per line', false)
    .action(
      (
        drills: string[],
        options: Choice & { config?: string; reason?: string; for?: number; end: boolean; json: boolean },
      ) =>
        done(
          import('../commands/acknowledge.ts').then(({ acknowledgeCommand }) =>
            acknowledgeCommand(tools, drills, {
              ...toChoice(options),
              kind,
              config: options.config,
              reason: options.reason,
              forMs: options.for,
              end: options.end,
              json: options.json,
            }),
          ),
        ),
    );
}
