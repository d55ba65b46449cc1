import { toPrintable } from '../../../support/printable.ts';
import { toShell } from '../../../support/shell.ts';

type Argv = readonly string[];

/** A program that lists and reads backups. */
export interface CommandSpec {
  readonly type: 'command';
  readonly list: Argv;
  readonly read: Argv;
  /** undefined: the listing is read again to look at one backup. */
  readonly stat: Argv | undefined;
  /** Names of the variables that it gets. */
  readonly env: readonly string[];
  /** Absolute; where it runs. */
  readonly directory: string;
}

/** The program that lists the backups, as a shell would be given it. */
export function describeLister({ list }: Pick<CommandSpec, 'list'>): string {
  return toPrintable(toShell(list));
}
