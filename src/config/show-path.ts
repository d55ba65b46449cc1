import { relative, resolve, sep } from 'node:path';

/** A path for display: relative if below the working directory, else absolute. */
export function showPath(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  const shown = relative(cwd, absolute);
  return shown === '' || shown.split(sep)[0] === '..' ? absolute : shown;
}
