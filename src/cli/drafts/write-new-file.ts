import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DrillError } from '../../support/errors.ts';

/** Writes a drill file, with its directory; never over another. @throws DrillError `usage` */
export async function writeNewFile(file: string, shown: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'EEXIST') throw existsAlready(shown, error);
    throw new DrillError('usage', `${shown} cannot be written (${code})`, {
      hint: 'Check the directory and its permissions.',
      cause: error,
    });
  }
}

function existsAlready(shown: string, cause?: unknown): DrillError {
  return new DrillError('usage', `${shown} exists already`, {
    hint: 'Choose another --name, or edit that file.',
    cause,
  });
}
