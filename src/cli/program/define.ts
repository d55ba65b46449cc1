import type { Command } from 'commander';
import type { Toolbox } from '../toolbox.ts';

/** What commands are defined with. */
export interface Define {
  readonly tools: Toolbox;
  readonly program: Command;
  /**
   * Adds a command that has help, an example and `--config`.
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
  0    recovery works: every check passed, within the objectives
  1    recovery does not work: missing, stale or unrestorable backup, wrong data, too slow
  2    the drill itself broke (engine, disk, source out of reach): nothing is known about the backup
  64   the command line or a file is wrong
  130  interrupted`;

export const OK_OR_USAGE = `
Exit codes:
  0    done
  2    it could not be done
  64   the command line or a file is wrong`;
