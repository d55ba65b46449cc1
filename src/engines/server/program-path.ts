import type { Sandbox } from '../../sandbox/sandbox.ts';

/** Looks the program up as its sandbox's shell does, but among the server's own programs first; the shell interprets none of its arguments. */
const LAUNCH = 'PATH="$1:$PATH"; shift; exec "$@"';

/** @returns the argv by which a sandbox finds the program among the server's and its own, and ends with 127 when it does not. */
export function findInServerDirs({ binDirs }: Pick<Sandbox, 'binDirs'>, argv: readonly string[]): readonly string[] {
  return ['sh', '-c', LAUNCH, 'sh', binDirs.join(':') || '/usr/bin', ...argv];
}
