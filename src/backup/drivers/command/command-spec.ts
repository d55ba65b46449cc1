import { toPrintable } from '../../../support/printable.ts';
import { toShell } from '../../../support/shell.ts';

type Argv = readonly string[];

/** A program that lists and reads backups. */
export interface CommandSpec {
  readonly type: 'command';
  readonly list: Argv;
  readonly read: Argv;
  /** undefined: the listing is read again to inspect one backup. */
  readonly stat: Argv | undefined;
  /** Names of the environment variables passed to it. */
  readonly env: readonly string[];
  /** Absolute path of its working directory. */
  readonly directory: string;
}

/** The program that lists the backups, as a shell command line. */
export function describeLister({ list }: Pick<CommandSpec, 'list'>): string {
  return toPrintable(toShell(list));
}
