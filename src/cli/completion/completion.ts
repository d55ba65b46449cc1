import type { Command } from 'commander';
import { bashCompletion } from './bash.ts';
import { type CommandWords, listCommandWords } from './command-words.ts';
import { fishCompletion } from './fish.ts';
import type { Shell } from './shells.ts';
import { zshCompletion } from './zsh.ts';

const WRITERS: Record<Shell, (commands: readonly CommandWords[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The completion script for `firedrill` in this shell, generated from the command definitions. */
export function completionScript(program: Command, shell: Shell): string {
  return WRITERS[shell](listCommandWords(program));
}
