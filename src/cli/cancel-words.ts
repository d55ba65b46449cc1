import type { Io } from './io.ts';

/** Sets what Ctrl-C prints while a command has a sandbox, whose removal takes a moment. */
export function sayThatSandboxesAreRemoved({ service }: Pick<Io, 'service'>): void {
  service.takeOver({
    first: '\nCanceling; removing the sandbox (this takes a moment)',
    second: 'already canceling; removing the sandbox',
  });
}
