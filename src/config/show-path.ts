import { relative, resolve, sep } from 'node:path';

/** A path as people should read it: relative when it lies below where the command was typed, else absolute. */
export function showPath(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  const shown = relative(cwd, absolute);
  return shown === '' || shown.split(sep)[0] === '..' ? absolute : shown;
}
