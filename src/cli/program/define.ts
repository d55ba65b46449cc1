import type { Command } from 'commander';
import type { Toolbox } from '../toolbox.ts';

/** Context for defining commands. */
export interface Define {
  readonly tools: Toolbox;
  readonly program: Command;
  /**
   * Adds a command with help, an example and `--config`.
   * @param codes the exit codes in its help; default {@link OK_OR_USAGE}.
   * @param parent the command that it is a subcommand of; default the program itself.
   */
  add(name: string, description: string, example: string, codes?: string, parent?: Command): Command;
  /** Adds a command that only groups others. */
  addGroup(name: string, description: string): Command;
  /** Sets the exit code from a command's result. */
  done(code: Promise<number>): Promise<void>;
}

/** For commands that judge recovery. */
export const EXIT_CODES = `
Exit codes:
  0    passed: every check passed, within the objectives
  1    failed: the backup is missing, stale or unrestorable, the data is wrong, or recovery is too slow
  2    errored: the drill itself broke, so nothing is known about the backup
  64   usage or configuration error
  130  interrupted`;

export const OK_OR_USAGE = `
Exit codes:
  0    done
  2    error
  64   usage or configuration error`;
