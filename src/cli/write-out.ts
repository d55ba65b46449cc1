import { DrillError } from '../support/errors.ts';
import { writeWholeFile } from '../support/write-whole-file.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/**
 * Writes a file for `--out`, atomically, and reports it.
 * @param shown the path as given.
 * @throws DrillError `usage` or `disk-full` if it cannot be written, and those of `parts`.
 */
export async function writeOut(
  path: string,
  shown: string,
  parts: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  tools: Pick<Toolbox, 'io'>,
): Promise<void> {
  try {
    await writeWholeFile(path, parts);
  } catch (thrown) {
    if (thrown instanceof DrillError) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new DrillError(code === 'ENOSPC' ? 'disk-full' : 'usage', `${printable(shown)} cannot be written (${code})`, {
      hint: 'Choose a path in an existing, writable directory.',
      cause: thrown,
    });
  }
  tools.io.stderr.write(`written: ${printable(shown)}\n`);
}
