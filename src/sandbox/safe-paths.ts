import { posix } from 'node:path';
import { DrillError } from '../support/errors.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * File names come from a backup source, so they are untrusted. Accepts only relative names whose characters have no special meaning to a shell, tar or a path,
 * without `..`, empty segments, or segments that could be read as an option.
 * @throws DrillError `backup-unrecognised` with the name.
 */
export function assertSafeFileName(name: string): void {
  const isSafe = name
    .split('/')
    .every((segment) => /^[\w.+=@%,~#][\w.+=@%,~:#-]*$/.test(segment) && !/^\.\.?$/.test(segment));
  if (isSafe && name.length <= 512) return;
  throw new DrillError(
    'backup-unrecognised',
    `the backup has a file with the name ${JSON.stringify(name.slice(0, 200))}, which is not safe to write`,
    {
      hint: 'A dump in directory format has only names such as toc.dat and 3056.dat.gz: check which other files are next to it.',
    },
  );
}

/** @throws DrillError `internal` when the directory is neither the sandbox's data nor its scratch, nor below one of them. */
export function assertWritableDir(dir: string, paths: Sandbox['paths']): void {
  const clean = posix.normalize(dir);
  const isInside = [paths.data, paths.scratch].some((parent) => clean === parent || clean.startsWith(`${parent}/`));
  if (isInside) return;
  throw new DrillError('internal', `the directory ${dir} is outside ${paths.data} and ${paths.scratch}`);
}
