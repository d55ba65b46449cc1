import type { Sandbox } from '../../sandbox/sandbox.ts';

/** Looks up the program as its sandbox's shell would, but searches the server's own programs first; the shell does not interpret the arguments. */
const LAUNCH = 'PATH="$1:$PATH"; shift; exec "$@"';

/** @returns an argv that searches for the program among the server's programs and the sandbox's, and exits with 127 if there is none. */
export function findInServerDirs({ binDirs }: Pick<Sandbox, 'binDirs'>, argv: readonly string[]): readonly string[] {
  return ['sh', '-c', LAUNCH, 'sh', binDirs.join(':') || '/usr/bin', ...argv];
}
