import { posix } from 'node:path';
import type { DrilledCheck } from '../engine-options.ts';
import { usesSandbox } from './placeholders.ts';

/** Shells, and programs that run another one. */
const RUNNERS = [
  ...['env', 'timeout', 'nice', 'ionice', 'time', 'exec', 'command', 'nohup', 'setsid', 'stdbuf', 'taskset', 'chrt'],
  ...['sudo', 'su', 'runuser', 'gosu', 'su-exec', 'setpriv', 'chroot', 'sh', 'bash', 'dash', 'ash', 'busybox'],
];
const SHELLS = /^(?:sh|bash|dash|ash)$/;

/**
 * Whether a check can read restored data, as far as its arguments show: it names a path in the sandbox, or compares the output of the server's client with
 * something. A check that asks only what `ready` asks reads none, however it is written: an empty server gives the same answer, unless at least a number above
 * 0 is expected. A check of files must need some to pass; beside a server, which creates files of its own, it must compare their content.
 */
export function readsRestored(
  { argv, isJudged, isAboveZero, required }: DrilledCheck,
  ready: readonly string[] | undefined,
): boolean {
  if (required !== undefined) return required === 'content' || (required === 'files' && !ready);
  if (!argv) return false;
  const known = ready ? wordsOf(ready) : [];
  const asked = wordsOf(argv, known[0]);
  if (!isAboveZero && asked.every((word) => known.includes(word))) return false;
  return argv.some(namesRestored) || (isJudged && known.length > 0 && asked[0] === known[0]);
}

/** The staged backup is there whether or not anything was restored from it. */
function namesRestored(word: string): boolean {
  return usesSandbox(word) && !/\{(?:backup|scratch\}\/backup)(?:\}|\/|$)/.test(word);
}

/**
 * A program without its directory, and its arguments; without the programs that run it: `[/usr/bin/env, sh, -c, 'redis-cli ping']` is `[redis-cli, ping]`.
 * @param client the program to look for after `timeout -s KILL 5` and the like, whose options may have values.
 */
function wordsOf(argv: readonly string[], client?: string): readonly string[] {
  let words = argv;
  for (;;) {
    const [program = '', ...rest] = words;
    const name = posix.basename(program);
    if (!RUNNERS.includes(name)) return words.length === 0 ? [] : [name, ...rest];
    // options, limits and variables of the runner itself
    const isShell = SHELLS.test(name);
    const found = isShell ? -1 : rest.findIndex((word) => posix.basename(word) === client);
    const at = found >= 0 ? found : rest.findIndex((word) => !/^(?:-|\w+=|\d+(?:\.\d+)?[smhd]?$)/.test(word));
    const own = at < 0 ? [] : rest.slice(at);
    words = isShell ? own.flatMap((word) => word.split(/[\s'"`;|&()<>]+/).filter(Boolean)) : own;
  }
}
