import type { Command } from 'commander';
import type { Toolbox } from '../toolbox.ts';

/** What the definition of a command is made with. */
export interface Define {
  readonly tools: Toolbox;
  readonly program: Command;
  /**
   * Adds a command that has help, an example and `--config`.
   * @param codes which exit codes its help names; {@link OK_OR_USAGE} unless told.
   * @param parent of which it is a subcommand; the program itself unless told.
   */
  add(name: string, description: string, example: string, codes?: string, parent?: Command): Command;
  /** Adds a command that only holds others. */
  addGroup(name: string, description: string): Command;
  /** Takes the exit code over that a command comes to. */
  done(code: Promise<number>): Promise<void>;
}

/** Of commands that judge recovery. */
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
