import { InvalidArgumentError } from 'commander';
import { missingZone, parseInstant } from '../../support/instants.ts';
import { parseDurationMs } from '../../support/quantities.ts';
import type { IdentityName } from '../../support/vocabulary.ts';
import type { Define } from './define.ts';
import { count, identityOption, runtimeOption } from './option-values.ts';

const EVENTS_CODES = `
Exit codes:
  0    the log was searched, whether or not something was found
  1    part of the log is missing or damaged, and was not searched
  2    errored: the log could not be read, or no image or sandbox to read it was available
  64   usage or configuration error
  130  interrupted`;

const DAY_MS = 24 * 60 * 60_000;

/** The command that finds what destroyed data and when. */
export function defineEventsCommand({ add, done, tools }: Define): void {
  add(
    'events <drill>',
    'list events in the log archive that destroyed data',
    'firedrill events orders --since 7d',
    EVENTS_CODES,
  )
    .option(
      '--since <when>',
      'how far back, such as 7d, a day such as 2026-11-27 (from midnight UTC) or an instant (default: 24h)',
      since,
    )
    .option(
      '--min-rows <count>',
      'list deletions of at least this many rows of one table (default: a tenth of it, or 1000)',
      count,
    )
    .option('--backup <key>', 'search the log from this backup on, and start recovery from it')
    .addOption(identityOption())
    .addOption(runtimeOption())
    .option('--json', 'one JSON object per line, each with a type', false)
    .action((drill: string, options: CommandOptions) =>
      done(
        import('../commands/events.ts').then(({ eventsCommand }) =>
          eventsCommand(tools, drill, {
            config: options.config,
            since: options.since ?? { ms: DAY_MS },
            minRows: options.minRows,
            backup: options.backup,
            as: options.as,
            runtime: options.runtime,
            json: options.json,
          }),
        ),
      ),
    );
}

function since(text: string): { readonly ms: number } | { readonly at: Date } {
  const ms = parseDurationMs(text);
  if (ms !== undefined) return { ms };
  const at = parseInstant(text);
  if (at) return { at };
  throw new InvalidArgumentError(
    `Write a duration such as 7d, a day such as 2026-11-27, or an instant such as 2026-11-27T03:00:00Z${missingZone(text)}.`,
  );
}

interface CommandOptions {
  readonly config?: string;
  readonly since?: { readonly ms: number } | { readonly at: Date };
  readonly minRows?: number;
  readonly backup?: string;
  readonly as?: IdentityName;
  readonly runtime?: string;
  readonly json: boolean;
}
